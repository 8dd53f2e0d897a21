"""Finding out who calls: credentials, the authenticators that know them, and a short memory of answers.

`accounts` brings the authenticators; this file only knows the shape of a credential. A credential names its tenant and
is trusted only after its secret was found inside that tenant: API key `jd_<tenant>_<secret>`, session
`<tenant>.<secret>`.
"""

import hashlib
from collections import OrderedDict
from typing import NamedTuple, Protocol
from uuid import UUID

from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.web.principals import BEARER, SESSION, Principal

PRINCIPAL_TTL_S = 60
"""How long an answer is believed; a revoked key or ended session fails elsewhere after this at the latest, one that
expires as soon as it does."""

PRINCIPALS_MAX = 10_000
CREDENTIAL_LENGTH_MAX = 200
API_KEY_PREFIX = "jd"


class Credential(NamedTuple):
    """A secret and the tenant it claims to belong to; nothing is proven yet."""

    scheme: str
    tenant: TenantId
    secret: str


class Authenticator(Protocol):
    """Tell who holds a secret."""

    scheme: str

    async def authenticate(self, runtime: Runtime, tenant: TenantId, secret: str) -> Principal | None:
        """Return who holds `secret` inside `tenant`, or None."""
        ...


def parse_api_key(text: str) -> Credential | None:
    """Return the credential in `jd_<tenant>_<secret>`, or None when it is none."""
    if len(text) > CREDENTIAL_LENGTH_MAX:
        return None
    prefix, _, rest = text.partition("_")
    tenant, _, secret = rest.partition("_")
    return _credential(BEARER, tenant, secret) if prefix == API_KEY_PREFIX else None


def parse_session(text: str) -> Credential | None:
    """Return the credential in `<tenant>.<secret>`, or None when it is none."""
    if len(text) > CREDENTIAL_LENGTH_MAX:
        return None
    tenant, _, secret = text.partition(".")
    return _credential(SESSION, tenant, secret)


def _credential(scheme: str, tenant: str, secret: str) -> Credential | None:
    if not secret or not secret.isascii():
        return None
    try:
        return Credential(scheme, TenantId(UUID(tenant)), secret)
    except ValueError:
        return None


class Authentication:
    """Ask the authenticators, and remember what they said for a minute."""

    def __init__(self, runtime: Runtime, authenticators: tuple[Authenticator, ...]) -> None:
        self._runtime = runtime
        self._authenticators = {a.scheme: a for a in authenticators}
        self._known: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    def remembered(self, text: str, at_s: float) -> Principal | None:
        """Return who `text` belonged to when last asked, if that is recent at the monotonic time `at_s`."""
        known = self._known.get(_key(text))
        return known[0] if known is not None and known[1] > at_s else None

    async def authenticate(self, credential: Credential, text: str, at_s: float) -> Principal | None:
        """Return who holds `credential`, written as `text`, and remember it."""
        authenticator = self._authenticators.get(credential.scheme)
        if authenticator is None:
            return None
        principal = await authenticator.authenticate(self._runtime, credential.tenant, credential.secret)
        if principal is None:
            self._known.pop(_key(text), None)
            return None
        self._known[_key(text)] = (principal, at_s + self._believed_s(principal))
        if len(self._known) > PRINCIPALS_MAX:
            self._known.popitem(last=False)
        return principal

    def _believed_s(self, principal: Principal) -> float:
        """Return for how many seconds an answer is believed: never longer than the credential itself lives."""
        if principal.expires_at is None:
            return PRINCIPAL_TTL_S
        left = principal.expires_at - self._runtime.clock.now()
        return min(PRINCIPAL_TTL_S, left.total_seconds())

    def forget(self, tenant: TenantId) -> None:
        """Forget everybody of `tenant`: after a sign-out, a revoked key or a changed role."""
        for key in [key for key, (principal, _) in self._known.items() if principal.tenant == tenant]:
            del self._known[key]


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
