"""What the shop owes a customer, as staff see and change it."""

from uuid import UUID, uuid4

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customers
from jiedan.wallets import queries
from jiedan.wallets.values import NewCard, Wallet
from tests.base import web_client
from tests.console.test_goods import browsing, shown
from tests.wallets import factories
from tests.wallets.factories import credit

HOLDINGS_STATEMENTS_MAX = 11
ENTRIES_STATEMENTS_MAX = 11
READ = frozenset({"customers:read", "wallets:read"})


async def sent(client: web_client.Client, who: UUID, **fields: str) -> httpx2.Response:
    """Send the form that changes a balance."""
    asked = {"way": "in", "reason": "goodwill", "wallet": "CNY", "amount": "20.00", **fields}
    return await client.submit(f"/c/acme/customers/{who}/wallets", asked, page="/c/acme/search")


async def wallets(db: Database, scope: Scope, who: UUID) -> list[Wallet]:
    async with db.read(scope) as tx:
        return await queries.wallets_of(tx, who)


async def test_credit_and_points_are_given_and_taken_from_the_page_of_a_customer(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    async with browsing(db, scope) as client:
        before = await shown(client, f"/customers/{who}")
        assert "Nothing yet." in before
        assert 'data-open="adjust"' in before
        given = await sent(client, who, note="The parcel came late.")
        (found,) = await wallets(db, scope, who)
        told = await shown(client, f"/wallets/{found.wallet_id}")
        await sent(client, who, wallet=str(found.wallet_id), way="out", amount="5.5", reason="payout")
        await sent(client, who, wallet="points", amount="3000")
        after = await shown(client, f"/customers/{who}")
    assert given.headers["location"].endswith(f"/wallets/{found.wallet_id}")
    for word in ("The balance was changed.", "Adjusted", "Goodwill", "The parcel came late.", "+CN¥20.00"):
        assert word in told, word
    assert "CN¥14.50" in after
    assert "3,000 points" in after
    assert sorted((x.kind, x.unit, x.balance) for x in await wallets(db, scope, who)) == [
        ("credit", "CNY", 1_450),
        ("points", "points", 3_000),
    ]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"amount": ""}, 422, "Please fill this in."),
        ({"amount": "20.001"}, 422, "20.001 is not an amount in CNY."),
        ({"amount": "-3"}, 422, "-CN¥3.00 cannot be moved here."),
        ({"wallet": "points", "amount": "2.5"}, 422, "2.5 is no number of points."),
        ({"wallet": "gold"}, 404, "There is no such wallet."),
        ({"wallet": str(uuid4())}, 404, "There is no such wallet."),
        ({"reason": "payout"}, 422, "The reason payout does not fit what is asked."),
        ({"way": "out", "reason": "correction"}, 409, "The balance of CN¥10.00 is less than CN¥20.00."),
    ],
)
async def test_what_cannot_be_done_is_told_with_the_form(
    db: Database, scope: Scope, fields: dict[str, str], status: int, said: str
) -> None:
    who = await factories.customer(db, scope)
    await factories.moved(db, scope, credit(who, 1_000))
    async with browsing(db, scope) as client:
        if fields.get("way") == "out":
            fields = {**fields, "wallet": str((await wallets(db, scope, who))[0].wallet_id)}
        refused = await sent(client, who, note="Kept as it was typed.", **fields)
    assert (refused.status_code, said in refused.text) == (status, True), refused.text
    assert "Kept as it was typed." in refused.text
    assert [x.balance for x in await wallets(db, scope, who)] == [1_000]


async def test_the_same_form_sent_twice_changes_once(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    async with browsing(db, scope) as client:
        answers = [(await sent(client, who, form_id="seven")).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert [x.balance for x in await wallets(db, scope, who)] == [2_000]


async def test_what_a_duplicate_had_is_the_survivors(db: Database, scope: Scope) -> None:
    kept, merged = [await factories.customer(db, scope) for _ in range(2)]
    await factories.moved(db, scope, credit(merged, 700))
    issued = await factories.card(db, scope, 900, customer_id=merged)
    async with db.begin(scope) as tx:
        await customers.merge_customers(tx, survivor_id=kept, merged_id=merged)
    async with browsing(db, scope) as client:
        page = await shown(client, f"/customers/{kept}/wallets")
        led = await client.get(f"/c/acme/customers/{merged}/wallets")
        (theirs,) = await wallets(db, scope, kept)
        await sent(client, kept, wallet=str(theirs.wallet_id), way="out", amount="7", reason="payout")
    assert "CN¥7.00" in page
    assert f"…{issued.card.last_four}" in page
    assert led.headers["location"].endswith(f"/customers/{kept}/wallets")
    assert [x.balance for x in await wallets(db, scope, kept)] == [0]


@pytest.mark.parametrize("count", [2, 40])
async def test_pages_of_wallets_take_the_same_few_statements(
    db: Database, scope: Scope, recorder: StatementRecorder, count: int
) -> None:
    who = await factories.customer(db, scope)
    await factories.moved(db, scope, *(credit(who, 100) for _ in range(count)))
    await factories.cards(db, scope, [NewCard(100, "CNY", customer_id=who)] * count)
    (found,) = await wallets(db, scope, who)
    async with browsing(db, scope) as client:
        for path, most in (
            (f"/customers/{who}/wallets", HOLDINGS_STATEMENTS_MAX),
            (f"/wallets/{found.wallet_id}", ENTRIES_STATEMENTS_MAX),
        ):
            with recorder.watching() as run:
                page = await shown(client, path)
            assert len(run) <= most, (path, run)
    assert page.count("+CN¥1.00") == count


async def test_balances_are_seen_by_whom_may_and_of_their_own_merchant(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    who = await factories.customer(db, scope)
    (moved,) = await factories.moved(db, scope, credit(who, 1_000))
    at = f"/customers/{who}"
    async with browsing(db, scope, frozenset({"customers:read"})) as client:
        assert "Credit, gift cards and points" not in await shown(client, at)
        await shown(client, f"{at}/wallets", 403)
        await shown(client, f"/wallets/{moved.wallet_id}", 403)
    async with browsing(db, scope, READ) as client:
        for path in (at, f"{at}/wallets"):
            page = await shown(client, path)
            assert "CN¥10.00" in page
            assert "Change the balance" not in page
        assert (await sent(client, who)).status_code == 403
    async with browsing(db, Scope(other_tenant)) as client:
        await shown(client, f"{at}/wallets", 404)
        await shown(client, f"/wallets/{moved.wallet_id}", 404)
        assert (await sent(client, who)).status_code == 404
