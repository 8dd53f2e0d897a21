"""`jiedan serve --demo`: a merchant to try Jiedan with, made while there is none."""

from jiedan.accounts import service
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.cli import runtime
from jiedan.cli.announcement import SignIn
from jiedan.cli.grounds import Ground

SLUG = "demo"
EMAIL = "owner@demo.example"

_MERCHANT = NewMerchant(
    slug=SLUG, name="Demo", country="CN", time_zone="Asia/Shanghai", currency="CNY", currencies=("CNY", "USD", "EUR")
)


async def create(ground: Ground) -> SignIn:
    """Make the demo merchant with a random password and return its sign-in."""
    password = service.new_password()
    async with runtime.opened(ground) as jiedan, service.open_passwords(jiedan) as passwords:
        owner = NewStaff(email=EMAIL, name="Demo", password_hash=await passwords.hash(password))
        await service.open_merchant(jiedan.database, merchant=_MERCHANT, owner=owner)
    return SignIn(SLUG, EMAIL, password)
