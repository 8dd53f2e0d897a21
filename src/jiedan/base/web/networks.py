"""Where a request comes from, when proxies stand between."""

import ipaddress
from collections.abc import Sequence
from typing import Any

IPV6_PREFIX = 64
FORWARDED_LENGTH_MAX = 1_000


class Networks:
    """Find the caller's address, believing `X-Forwarded-For` only as far as trusted proxies wrote it."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._trusted = [ipaddress.ip_network(text, strict=False) for text in trusted]

    def of(self, scope: Any, forwarded: str) -> str:
        """Return the address: IPv4 whole, IPv6 as its /64, empty when the server knows none (a Unix socket)."""
        client = scope.get("client")
        address = str(client[0]) if client else ""
        if self._trusted and forwarded and self._is_trusted(address):
            for hop in reversed(forwarded[-FORWARDED_LENGTH_MAX:].split(",")):
                address = hop.strip()
                if not self._is_trusted(address):
                    break
        return _grouped(address)

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


def _grouped(address: str) -> str:
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, IPV6_PREFIX), strict=False))
