"""Whether the connection lets a browser do what signing in needs: keep a secure cookie, use a passkey or a camera."""

import ipaddress
from typing import Literal

from jiedan.base.web.exchange import Exchange

Trouble = Literal["", "unencrypted", "not_kept"]
"""`unencrypted`: plain http, and not on this machine. `not_kept`: Jiedan is told it is on https, and is not."""


def trouble(call: Exchange) -> Trouble:
    """Return what stands in the way of signing in over this connection."""
    is_encrypted = "https" in {call.scope["scheme"], call.header(b"x-forwarded-proto")}
    if is_encrypted or _is_local(call.header(b"host")):
        return ""
    if not call.site.is_https:
        return "unencrypted"
    # A proxy that says nothing of how it was reached is believed to be on https, as we are told.
    return "" if call.header(b"x-forwarded-for") and not call.header(b"x-forwarded-proto") else "not_kept"


def _is_local(host: str) -> bool:
    """Tell whether a browser takes `host` for its own machine, where plain http is as good."""
    name = host.rpartition(":")[0] if not host.endswith("]") and host.rpartition(":")[2].isdigit() else host
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
