"""Ways into an account, and none around them: a link goes to the address that was proved, and serves one purpose."""

from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.customers import rules, service
from jiedan.customers.tables import CustomerLink
from jiedan.customers.values import CustomerDraft
from tests.portal import people
from tests.portal.factories import Visitor, open_shop, visiting
from tests.portal.people import MEI, PASSWORD

KIM = "kim@strasse.example"


async def addressed(db: Database, scope: Scope) -> dict[str, str]:
    """Return to which address the link of each purpose goes."""
    asked = sa.select(CustomerLink.purpose, CustomerLink.email).where(CustomerLink.tenant_id == scope.tenant)
    async with db.read(scope) as tx:
        return {row.purpose: row.email for row in await tx.execute(asked)}


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("KIM@Strasse.example", {"sign_in": KIM}),
        ("\u212aim@strasse.example", {"sign_in": KIM}),  # what is called Kelvin, and is a K
        ("kim@stra\u00dfe.example", {"registration": "kim@stra\u00dfe.example"}),  # somebody else's domain
    ],
)
async def test_a_link_into_an_account_goes_to_no_address_that_only_looks_like_its_own(
    db: Database, scope: Scope, tmp_path: Path, typed: str, link: dict[str, str]
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope, email=KIM)
        await who.send("/account/sign-out", {}, on="/account")
        assert (await who.send("/account/sign-in/link", {"email": typed}, on="/account/sign-in")).status_code == 200
    assert await addressed(db, scope) == link


async def test_staff_send_a_link_to_the_address_of_the_account(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope, email=KIM)
    async with db.begin(scope) as tx:
        drafts = [_named("\u212aim@strasse.example")]
        (saved,) = await service.upsert_customers(tx, customers=drafts, country="CN")
        assert not isinstance(saved, Refusal)
        await service.send_link(tx, customer_id=saved.customer_id)
    assert await addressed(db, scope) == {"sign_in": KIM}


async def test_no_link_into_a_disabled_account_gets_a_secret(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope, email=KIM)
        (customer_id,) = await people.account_ids(db, scope)
        await db.write(scope, lambda tx: service.set_access(tx, customer_id=customer_id, is_active=False))
        await who.send("/account/sign-in/link", {"email": KIM}, on="/account/sign-in")
    asked = sa.select(CustomerLink.link_id, CustomerLink.secret_hash).where(CustomerLink.tenant_id == scope.tenant)
    async with db.begin(scope) as tx:
        (link,) = await tx.execute(asked)
        assert await service.mail_links(tx, link_ids=[link.link_id]) == {}
        (link,) = await tx.execute(asked)
    assert link.secret_hash is None, "the books call a secret into a disabled account a fault"


async def test_a_link_of_one_purpose_tells_nothing_to_another(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        changing = {"new_email": "new@example.com", "present_password": PASSWORD}
        await who.send("/account/email", changing, on="/account")
        token = await people.mailed(db, scope, "new@example.com")
        personal = {"token": token, "password": f"{MEI} {MEI}", "repeated": f"{MEI} {MEI}"}
        assert (await who.send("/link/password", personal, on="/account")).status_code == 404
        joining = {"token": token, "name": "X", "password": "short"}
        assert (await who.send("/link/account", joining, on="/account")).status_code == 404


async def test_who_knows_the_password_is_forgiven_what_was_guessed_before(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        for _ in range(rules.ATTEMPTS_PER_ACCOUNT_MAX - 1):
            assert (await _change(who, "something else")).status_code == 422
        assert (await _change(who, PASSWORD)).status_code == 303
        await who.send("/account/sign-out", {}, on="/account")
        assert await people.sign_in(who, password="three tin drums play") == 303


async def _change(who: Visitor, present: str) -> httpx2.Response:
    fields = {"present": present, "password": "three tin drums play", "repeated": "three tin drums play"}
    return await who.send("/account/password", fields, on="/account")


def _named(email: str) -> CustomerDraft:
    return CustomerDraft("Kim", phone="", email=email)
