"""Who is calling: what an authenticator found out about a credential."""

import dataclasses
from datetime import datetime
from uuid import UUID

from jiedan.base import events
from jiedan.base.ids import TenantId

BEARER = "bearer"
SESSION = "session"


@dataclasses.dataclass(frozen=True, slots=True)
class Principal:
    """A caller inside one merchant, with everything a request needs to know about it.

    `caller` names the holder of idempotency keys, like `api_key:<id>`. `permissions` are `area:verb`. `merchant` and
    `slug` are the merchant's name and place in URLs, `time_zone`, `currency` and the `hue` of its accent its own.
    `locale` is the person's choice, if any. `scheme` is `BEARER` or `SESSION`, `credential_id` names the key or
    session, which ends at `expires_at`, if ever.
    """

    tenant: TenantId
    actor: events.Actor
    permissions: frozenset[str]
    caller: str
    name: str
    slug: str
    merchant: str
    scheme: str = BEARER
    locale: str | None = None
    time_zone: str = "UTC"
    currency: str = "CNY"
    hue: int | None = None
    credential_id: UUID | None = None
    expires_at: datetime | None = None
