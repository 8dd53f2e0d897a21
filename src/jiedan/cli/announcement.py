"""What `jiedan serve` prints once it answers: the address, and on a first demo start the sign-in."""

import asyncio
import dataclasses
import ssl
from pathlib import Path

from jiedan.base.i18n import N_
from jiedan.base.settings import Settings
from jiedan.cli import output

_SIGN_IN = N_("Sign in at {url} as {email} with the password {password} (shown this once).")
_SHOP = N_("The shop that customers see: {url}")
_POLL_S = 0.05
_TIMEOUT_S = 2.0


@dataclasses.dataclass(frozen=True)
class SignIn:
    """How to sign in to a merchant just made; the password is stored as a hash only."""

    slug: str
    email: str
    password: str


def note(settings: Settings) -> Path:
    """Return the file in the home folder that says: the demo merchant was begun, its sign-in is not shown yet."""
    return settings.home / "demo-under-way"


async def until_ready(settings: Settings) -> None:
    """Wait for the first answer of an API process, whatever it says."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    while True:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(host, settings.port, ssl=_unverified(settings))
                writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = await reader.readline()
                writer.close()
            if answer.startswith(b"HTTP/"):
                return
        except (OSError, TimeoutError):
            pass
        await asyncio.sleep(_POLL_S)


def _unverified(settings: Settings) -> ssl.SSLContext | None:
    """Return how to speak to ourselves over https: whose certificate it is does not matter here."""
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def announce(settings: Settings, sign_in: SignIn | None, shop: str | None = None) -> None:
    """Print where Jiedan is, how to sign in, and where the shop of the demo merchant is, by its slug."""
    url = settings.base_url()
    output.result({"url": url, "sign_in": sign_in}, url)
    if sign_in is not None and not output.is_json():
        output.result(None, _SIGN_IN, url=f"{url}/c/{sign_in.slug}", email=sign_in.email, password=sign_in.password)
    if shop is not None and not output.is_json():
        output.result(None, _SHOP, url=f"{url}/s/{shop}/")
    note(settings).unlink(missing_ok=True)
