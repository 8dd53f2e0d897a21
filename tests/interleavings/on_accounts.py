"""Operations of customers on their own accounts in the shop: passwords, one-time links, sessions, joining."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts.service import Passwords
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.carts import service as carts
from jiedan.customers import saving
from jiedan.customers import service as customers
from jiedan.customers.tables import CustomerLink
from jiedan.customers.values import Address, Browser, CustomerId, Holder, Joining, SessionId, Wish
from tests.interleavings.operation import Operation, Task, call, task, use_case

BROWSER = Browser("192.0.2.7", "Firefox")
PASSWORD, OTHER_PASSWORD = "four copper kettles sing", "eleven copper kettles"
WANG, OTHER_ADDRESS = "wang@customers.example", "wang.min@customers.example"
ZHOU, NEWCOMER, LEAVER = "zhou@customers.example", "qian@customers.example", "han@customers.example"
HOLDER_HASH = b"h" * 32
"""What the cart of a browser is found by that nobody has signed in with yet."""

PLACE = Address(
    country="CN", region="上海市", city="上海市", district="黄浦区", line1="南京东路 7 号", postal_code="200001"
)

SECOND = {
    "address": {
        "country": "CN",
        "region": "上海市",
        "city": "上海市",
        "district": "黄浦区",
        "line1": "南京东路 9 号",
        "postal_code": "200001",
    },
    "label": "Second",
}
KNOWN = {"name": "Zhou Yu", "email": ZHOU}


class AlikeHasher:
    """Hash alike in every run, so that what is stored can be compared."""

    def hash(self, password: str) -> str:
        """Hash."""
        return f"of {password}"

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:  # noqa: A002 - pwdlib's name
        """Verify."""
        return hash == self.hash(password), None


HASHER = AlikeHasher()


def with_passwords(work: Callable[..., Awaitable[object]]) -> Task:
    """Return the task that does `work` with passwords."""

    async def done(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
        with contextlib.closing(Passwords(HASHER)) as passwords:
            await work(database, passwords, tenant, ids)

    return done


async def furnish(db: Database, scope: Scope, ids: dict[str, str]) -> None:
    """Let somebody have a session, links of every kind and a cart in a browser, and two want to open an account."""
    wang = UUID(ids["wang"])
    async with db.begin(scope) as tx:
        signed_in = await customers.begin_session(tx, account_id=wang, browser=BROWSER)
        ids |= {"wang secret": signed_in.credential.split(".")[1], "wang session": str(signed_in.session_id)}
        await customers.give_account(tx, customer_id=CustomerId(UUID(ids["leaver"])), email=LEAVER, password_hash=None)
        await customers.request_email_change(tx, account_id=wang, email=OTHER_ADDRESS, locale="en", network="")
    wishes: dict[str, Wish] = {WANG: "password_reset", LEAVER: "sign_in", ZHOU: "sign_in", NEWCOMER: "sign_in"}
    for email, wish in wishes.items():
        await _ask(db, scope.tenant, email, wish)
    names = {
        OTHER_ADDRESS: "email link",
        WANG: "reset link",
        LEAVER: "leaver link",
        ZHOU: "zhou link",
        NEWCOMER: "newcomer link",
    }
    async with db.begin(scope) as tx:
        await saving.write_terms(tx, {UUID(ids["zhou"])})
        of_link = sa.select(CustomerLink.link_id, CustomerLink.email).where(
            CustomerLink.tenant_id == tx.tenant, CustomerLink.secret_hash.is_(None)
        )
        asked = {row.link_id: row.email for row in await tx.execute(of_link)}
        mailed = await customers.mail_links(tx, link_ids=asked)
        ids |= {names[asked[link_id]]: link.secret for link_id, link in mailed.items()}
        ids["asked link"] = next(str(link_id) for link_id, email in asked.items() if email == WANG)


async def _ask(db: Database, tenant: TenantId, email: str, wish: Wish) -> None:
    browser = Browser("", "Firefox")
    await customers.request_link(db, tenant=tenant, email=email, wish=wish, locale="en", browser=browser)


def _asks(email: str, wish: Wish) -> Task:
    async def ask(database: Database, tenant: TenantId, _ids: Any) -> None:
        await _ask(database, tenant, email, wish)

    return ask


def _enters(password: str) -> Task:
    async def enter(database: Database, passwords: Passwords, tenant: TenantId, _ids: Any) -> None:
        await customers.enter(
            database,
            passwords,
            tenant=tenant,
            email=WANG,
            password=password,
            browser=BROWSER,
            replaced=None,
            then=_with_cart,
        )

    return with_passwords(enter)


async def _with_cart(tx: Tx, customer_id: CustomerId) -> None:
    """Let what lies in the browser's cart come into the customer's."""
    await carts.attach_cart(tx, holder_hash=HOLDER_HASH, customer_id=customer_id)


async def _alone(_tx: Tx, _customer_id: CustomerId) -> None:
    """Do nothing more when somebody comes in."""


async def _come_in(tx: Tx, ids: Any) -> None:
    await customers.enter_by_link(tx, secret=ids["wang link"], browser=BROWSER, replaced=None, then=_alone)


async def _come_in_anew(tx: Tx, ids: Any) -> None:
    replaced = ids["wang secret"]
    await customers.enter_by_link(tx, secret=ids["wang link"], browser=BROWSER, replaced=replaced, then=_alone)


async def come_in_who_leaves(tx: Tx, ids: Any) -> None:
    """Let the customer in who wants to be forgotten."""
    await customers.enter_by_link(tx, secret=ids["leaver link"], browser=BROWSER, replaced=None, then=_alone)


async def _reset(database: Database, passwords: Passwords, tenant: TenantId, ids: Any) -> None:
    await customers.reset_password(
        database,
        passwords,
        tenant=tenant,
        secret=ids["reset link"],
        password=f"{OTHER_PASSWORD} {ids['side']}",
        browser=BROWSER,
        replaced=None,
        then=_alone,
    )


async def _change_password(database: Database, passwords: Passwords, tenant: TenantId, ids: Any) -> None:
    await customers.change_password(
        database,
        passwords,
        tenant=tenant,
        account_id=UUID(ids["wang"]),
        present=PASSWORD,
        password=f"{OTHER_PASSWORD} {ids['side']}",
        browser=BROWSER,
    )


async def _change_address(tx: Tx, ids: Any) -> object:
    return await customers.request_email_change(
        tx, account_id=UUID(ids["wang"]), email="min@customers.example", locale="en", network=""
    )


async def _prove(tx: Tx, ids: Any) -> None:
    wang = CustomerId(UUID(ids["wang"]))
    session_id = SessionId(UUID(ids["wang session"]))
    holder = Holder(session_id, wang, wang, "王敏", "en", tx.now, tx.now)
    await customers.prove_email(tx, secret=ids["email link"], holder=holder)


async def _mail(tx: Tx, ids: Any) -> None:
    await customers.mail_links(tx, link_ids=[UUID(ids["asked link"])])


def _joins(link: str) -> Task:
    async def join(database: Database, passwords: Passwords, tenant: TenantId, ids: Any) -> None:
        joining = Joining(f"周 {ids['side']}", "138 0013 8020", "en", ("marketing_email",))
        await customers.join(
            database,
            passwords,
            tenant=tenant,
            secret=ids[link],
            joining=joining,
            password=PASSWORD,
            browser=BROWSER,
            replaced=None,
            then=_alone,
        )

    return with_passwords(join)


async def _move_in_book(tx: Tx, ids: Any) -> None:
    await customers.change_address(
        tx,
        customer_id=UUID(ids["wang"]),
        address_id=UUID(ids["wang address"]),
        address=PLACE,
        label=f"Home {ids['side']}",
        is_default=False,
    )


async def _use_first(tx: Tx, ids: Any) -> None:
    await customers.set_default_address(tx, customer_id=UUID(ids["wang"]), address_id=UUID(ids["wang second address"]))


OPERATIONS: list[Operation] = [
    use_case("come in by a link", "wang, account", _come_in),
    use_case("come in by a link anew", "account", _come_in_anew),
    task("come in with a cart", "account, browser, cart, tea 500", _enters(PASSWORD)),
    task("mistype a password", "account", _enters("one copper kettle")),
    task("ask to come in", "account", _asks(WANG, "sign_in")),
    task("ask for a new password", "account", _asks(WANG, "password_reset")),
    task("choose a new password", "account", with_passwords(_reset)),
    task("change one's password", "account", with_passwords(_change_password)),
    use_case("ask for another address", "account", _change_address),
    use_case("prove another address", "account", _prove),
    use_case("mail a link again", "account", _mail),
    use_case("go out", "account", lambda tx, ids: customers.sign_out(tx, secret=ids["wang secret"])),
    use_case(
        "go out everywhere",
        "account",
        lambda tx, ids: customers.sign_out_everywhere(tx, account_id=UUID(ids["wang"])),
    ),
    use_case("be seen", "account", lambda tx, ids: customers.note_seen(tx, session_id=UUID(ids["wang session"]))),
    use_case("change an address", "wang", _move_in_book),
    use_case("use an address first", "wang", _use_first),
    task("join as somebody known", "zhou", _joins("zhou link")),
    task("ask to join as somebody known", "zhou", _asks(ZHOU, "sign_in")),
    call("change who joins", "zhou", "PATCH /customers/{zhou}", {"email": "zhou{side}@customers.example"}),
    call("merge who joins", "zhou", "POST /customers/{li}/merges", {"merged_id": "{zhou}"}),
    call("erase who joins", "zhou", "POST /customers/{zhou}/erasure", {"confirmation": KNOWN["name"]}),
    task("join", "newcomer", _joins("newcomer link")),
    task("ask to join", "newcomer", _asks(NEWCOMER, "sign_in")),
]
