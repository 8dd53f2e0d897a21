"""`jiedan serve --demo`: a merchant to try Jiedan with, made at the first start and never again."""

import dataclasses

from jiedan.accounts import service
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.base import directory
from jiedan.base.runtime import Runtime

SLUG = "demo"
EMAIL = "owner@demo.example"

_MERCHANT = NewMerchant(
    slug=SLUG, name="Demo", country="CN", time_zone="Asia/Shanghai", currency="CNY", currencies=("CNY", "USD", "EUR")
)


@dataclasses.dataclass(frozen=True)
class SignIn:
    """How to sign in to a merchant just made; the password is stored as a hash only."""

    slug: str
    email: str
    password: str


async def ensure(jiedan: Runtime) -> SignIn | None:
    """Make the demo merchant with a random password and return its sign-in; None when it is there already."""
    if await directory.tenant_by_slug(jiedan.database, SLUG) is not None:
        return None
    password = service.new_password()
    async with service.open_passwords(jiedan) as passwords:
        owner = NewStaff(email=EMAIL, name="Demo", password_hash=await passwords.hash(password))
    await service.open_merchant(jiedan.database, merchant=_MERCHANT, owner=owner)
    return SignIn(SLUG, EMAIL, password)
