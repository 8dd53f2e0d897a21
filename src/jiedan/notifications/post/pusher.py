"""Web pushes leave: encrypted for the browser, signed by this installation, to wherever the browser takes them.

Where to is what a browser said, so it is looked at: the address is resolved once, refused where it is not public, and
that very address is called. Nothing is followed and no answer is read.
"""

import asyncio
import ipaddress
import socket
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import httpx2
import structlog

from jiedan.base.settings import Settings
from jiedan.notifications.post import encryption, push
from jiedan.notifications.values import Push

Outcome = Literal["sent", "gone", "later", "refused"]
"""`gone`: the browser takes pushes no more. `later`: try again. `refused`: this one never will be taken."""

PUSH_S_MAX = 10.0
"""For all of it: looking up, connecting, and whatever a service does to answer slowly."""

KEPT_S = 24 * 60 * 60
"""So long a push waits at the service for a browser that is not running."""

_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
_SERVER_TROUBLE = 500
_OK = range(200, 300)

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses by which gateways reach IPv4 (RFC 6052)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

log = structlog.get_logger()


class NotPublic(Exception):
    """A browser named an address inside some network, or none."""


class Pusher:
    """Push to browsers. `is_anywhere` lets tests push to their own machine."""

    def __init__(self, settings: Settings, *, is_anywhere: bool = False) -> None:
        self._settings = settings
        self._is_anywhere = is_anywhere

    async def push(self, to: Push, content: bytes, *, now: datetime) -> Outcome:
        """Send one push; without an answer it is tried again, and the browser shows the same notice once."""
        try:
            async with asyncio.timeout(PUSH_S_MAX):
                return await self._sent(to, content, now=now)
        except (httpx2.TransportError, OSError) as error:
            log.warning("push.not_sent", host=_host(to.endpoint), reason=type(error).__name__)
            return "later"
        except (NotPublic, ValueError, httpx2.InvalidURL) as error:
            log.warning("push.refused", host=_host(to.endpoint), reason=type(error).__name__)
            return "refused"

    async def _sent(self, to: Push, content: bytes, *, now: datetime) -> Outcome:
        origin = urlsplit(to.endpoint)
        body = encryption.encrypted(
            content, public_key=encryption.unpadded(to.p256dh), secret=encryption.unpadded(to.auth)
        )
        url, host = await self._found(to.endpoint, port=origin.port)
        signed = push.authorization(self._settings, audience=f"{origin.scheme}://{origin.netloc}", now=now)
        headers = {
            "Authorization": signed,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Host": origin.netloc,
            "TTL": str(KEPT_S),
        }
        async with (
            httpx2.AsyncClient(timeout=PUSH_S_MAX, trust_env=False) as http,
            http.stream("POST", url, content=body, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            return _outcome(answer.status_code)

    async def _found(self, endpoint: str, *, port: int | None) -> tuple[httpx2.URL, str]:
        """Return the endpoint at the address it is at now, and the name it is known by. Raises NotPublic."""
        url = httpx2.URL(endpoint)
        usual = {"http": 80, "https": 443}.get(url.scheme)
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port or usual, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(each[4][0]) for each in found]
        if not self._is_anywhere and (url.scheme != "https" or not all(_is_public(address) for address in addresses)):
            raise NotPublic(url.host)
        return url.copy_with(host=str(addresses[0])), url.host


def _is_public(address: Address) -> bool:
    """Tell whether an address is one of the world's, as is the one of IPv4 in it that a gateway would call."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = ipaddress.IPv4Address(address.packed[-4:]) if address in _NAT64 else address.sixtofour
        if inner is not None and not inner.is_global:
            return False
    return address.is_global and not address.is_multicast


def _host(endpoint: str) -> str:
    """Return the host that an endpoint names, empty where it names none: the rest of it is a secret."""
    try:
        return urlsplit(endpoint).hostname or ""
    except ValueError:
        return ""


def _outcome(status: int) -> Outcome:
    if status in _OK:
        return "sent"
    if status in _GONE:
        return "gone"
    if status in _LATER or status >= _SERVER_TROUBLE:
        return "later"
    log.warning("push.refused", status=status)
    return "refused"
