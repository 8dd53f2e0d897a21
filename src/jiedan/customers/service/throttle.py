"""How often customers may try: signing in and asking for links, per address and per network, known or not."""

import hashlib

from jiedan.accounts import service as accounts
from jiedan.base.db import Tx
from jiedan.customers import rules


async def count_attempt(tx: Tx, *, email: str, network: str) -> int:
    """Count an attempt to sign in; return the seconds to wait, 0 to go on."""
    limits = {_address("attempt", email): rules.ATTEMPTS_PER_ACCOUNT_MAX}
    if network:
        limits[_network("attempt", network)] = rules.ATTEMPTS_PER_NETWORK_MAX
    return await accounts.count_within(tx, limits)


async def forgive(tx: Tx, *, email: str, network: str) -> None:
    """Forget the attempts of an address that proved itself, and the one of its network."""
    await accounts.forgive(
        tx, account=_address("attempt", email), network=_network("attempt", network) if network else b""
    )


async def count_link(tx: Tx, *, email: str, network: str) -> int:
    """Count a request for a link; return the seconds to wait, 0 to go on."""
    limits = {_address("link", email): rules.LINKS_PER_ADDRESS_MAX}
    if network:
        limits[_network("link", network)] = rules.LINKS_PER_NETWORK_MAX
    return await accounts.count_within(tx, limits)


def _address(what: str, email: str) -> bytes:
    return hashlib.sha256(f"customer {what}:{rules.email_key(email)}".encode()).digest()


def _network(what: str, network: str) -> bytes:
    return hashlib.sha256(f"customer {what} from:{network}".encode()).digest()
