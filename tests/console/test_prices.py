"""Promotions as staff write, publish and take them back."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import saving
from jiedan.customers import service as customers
from jiedan.pricing import queries, service
from jiedan.pricing.values.drafts import DraftRule
from jiedan.pricing.values.promotions import BuyGet, PercentOff, Promotion
from tests.base import web_client
from tests.console.test_goods import browsing, shown
from tests.customers.factories import save as save_customers
from tests.customers.factories import wang
from tests.orders.factories import order, place_one, shop, sku
from tests.pricing import coupon_factories as coupons

LIST_STATEMENTS_MAX = 6
TRIED_STATEMENTS_MAX = 40
"""With those of the page that has its form."""
READ = frozenset({"prices:read"})
NEW = "/c/acme/prices/promotions/new"
TRY = "/c/acme/prices/try"


@contextlib.asynccontextmanager
async def selling(db: Database, scope: Scope) -> AsyncIterator[web_client.Client]:
    """Open the console of a merchant who has a tea to sell."""
    await shop(db, scope, {"TEA": {"W1": 9}})
    async with browsing(db, scope) as client:
        yield client


async def save(client: web_client.Client, kind: str = "percent_off", **fields: str) -> httpx2.Response:
    """Send the form of a new promotion."""
    asked = {"kind": kind, "id": "spring", "name": "Spring sale", "off": "20%", **fields}
    return await client.submit(NEW, asked, page=f"{NEW}?kind={kind}")


async def saved(client: web_client.Client, kind: str = "percent_off", **fields: str) -> str:
    """Save a new promotion and return the path of its page below the console."""
    answer = await save(client, kind, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/c/acme")


async def drafted(db: Database, scope: Scope) -> list[DraftRule]:
    async with db.read(scope) as tx:
        return await tx.load_one(queries.draft_rules())


async def test_a_promotion_is_written_and_said_in_words(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        assert "There are no promotions yet." in await shown(client, "/prices")
        path = await saved(client, goods_any="TEA, category:cups", channels="web", cap_total="100")
        page = await shown(client, path)
        listed = await shown(client, "/prices")
    said = "20% off Product TEA, category cups; only through Web shop; at most 100 orders in all"
    assert said in page
    assert said in listed
    assert "Not published" in listed
    assert "1 rule is not published yet" in listed
    (rule,) = await drafted(db, scope)
    assert isinstance(rule.body, Promotion)
    assert (rule.code, rule.body.offer, rule.version) == ("spring", PercentOff(200_000), 1)


async def test_each_kind_has_a_form_of_its_own(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        kinds = re.findall(r"/prices/promotions/new\?kind=(\w+)", await shown(client, "/prices/promotions/new"))
        pages = {kind: await shown(client, f"/prices/promotions/new?kind={kind}") for kind in kinds}
    assert len(kinds) == 8
    assert 'name="buy"' in pages["buy_get"]
    assert 'name="buy"' not in pages["gift"]
    assert 'name="slot_goods"' in pages["bundle"]


async def test_coupons_are_made_from_the_page_of_their_promotion(db: Database, scope: Scope) -> None:
    link = "/c/acme/coupons/new?promotion="
    async with selling(db, scope) as client:
        opened = await shown(client, await saved(client, id="spring/10", coupon="1"))
        free = await shown(client, await saved(client, id="free"))
    assert f'href="{link}spring/10"' in opened or f'href="{link}spring%2F10"' in opened
    assert link not in free


async def test_what_is_wrong_stands_at_its_input_and_nothing_is_lost(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        refused = await save(client, off="lots", min_spend="ten", expression="kept as typed")
    assert refused.status_code == 422
    for said in ("lots is not a percentage.", "ten is not an amount in CNY.", "kept as typed", 'href="#f-off"'):
        assert said in refused.text
    assert "The free condition cannot be used: The formula cannot be read from character 6 on: as typed" in refused.text
    assert await drafted(db, scope) == []


async def test_a_code_is_taken_once(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client)
        again = await save(client, name="Another")
    assert again.status_code == 422
    assert "Another rule has the code spring already." in again.text


async def test_more_rows_are_given_without_saving(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        answer = await save(client, "steps", action="rows", step_from="300", step_off="30")
    assert answer.status_code == 200
    assert answer.text.count('name="step_from"') == 4
    assert 'value="300"' in answer.text
    assert await drafted(db, scope) == []


async def test_a_promotion_is_changed_at_the_version_that_was_looked_at(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client, "buy_get", buy="3", get="1", off="100%", repeats="1")
        fields = {"kind": "buy_get", "id": "spring", "name": "Spring sale", "buy": "2", "get": "1", "off": "50%"}
        changed = await client.submit(f"/c/acme{path}", {**fields, "version": "1"}, page=f"/c/acme{path}")
        stale = await client.submit(f"/c/acme{path}", {**fields, "version": "1", "buy": "9"}, page=f"/c/acme{path}")
    assert (changed.status_code, stale.status_code) == (303, 409), stale.text
    (rule,) = await drafted(db, scope)
    assert isinstance(rule.body, Promotion)
    assert rule.body.offer == BuyGet(2, 1, 500_000, repeats=False)


async def test_an_example_that_fails_forbids_publishing_until_it_is_mended(db: Database, scope: Scope) -> None:
    example = {
        "example_of": "0",
        "example_sku": "TEA",
        "example_quantity": "3",
        "example_price": "100",
        "example_total": "297",
    }
    async with selling(db, scope) as client:
        path = await saved(client, goods_any="TEA", **example)
        failing = await shown(client, path)
        refused = await client.submit("/c/acme/prices/publish", {"note": "First"}, page="/c/acme/prices/publish")
        fields = {"kind": "percent_off", "id": "spring", "name": "Spring sale", "off": "1%", "version": "1"}
        await client.submit(f"/c/acme{path}", {**fields, "goods_any": "TEA", **example}, page=f"/c/acme{path}")
        right = await shown(client, path)
        published = await client.submit("/c/acme/prices/publish", {"note": "First"}, page="/c/acme/prices/publish")
        versions = await shown(client, "/prices/versions")
        listed = await shown(client, "/prices")
    # 3 × 100 less 20 % is 240; less 1 % it is 297.
    assert "240.00 CNY instead of 297.00 CNY" in failing
    assert refused.status_code == 422
    assert "240.00 CNY instead of 297.00 CNY" in refused.text
    assert "instead of" not in right
    assert published.status_code == 303, published.text
    assert "In force" in versions
    assert "First" in versions
    assert "Active" in listed
    assert "not published yet" not in listed


async def test_a_version_that_begins_later_is_taken_back(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client)
        later = {"begins_at": "2999-01-01T00:00", "note": "New year"}
        await client.submit("/c/acme/prices/publish", later, page="/c/acme/prices/publish")
        waiting = await shown(client, "/prices/versions/1")
        past = await client.submit(
            "/c/acme/prices/publish", {"begins_at": "2001-01-01T00:00"}, page="/c/acme/prices/publish"
        )
        taken = await client.submit("/c/acme/prices/versions/1/withdrawal", {}, page="/c/acme/prices/versions/1")
        again = await client.submit("/c/acme/prices/versions/1/withdrawal", {}, page="/c/acme/prices/versions/1")
        page = await shown(client, "/prices/versions/1")
    assert "Begins later" in waiting
    assert past.status_code in {409, 422}
    assert (taken.status_code, again.status_code) == (303, 409)
    assert "Taken back" in page


async def test_an_old_version_is_published_again_and_the_draft_follows(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client)
        await client.submit("/c/acme/prices/publish", {}, page="/c/acme/prices/publish")
        removed = await client.submit(f"/c/acme{path}/removal", {"version": "1"}, page=f"/c/acme{path}")
        gone = await shown(client, "/prices")
        await client.submit("/c/acme/prices/publish", {}, page="/c/acme/prices/publish")
        back = await client.submit("/c/acme/prices/versions/1/restoring", {}, page="/c/acme/prices/versions/1")
        versions = await shown(client, "/prices/versions")
        third = await shown(client, "/prices/versions/3")
    assert (removed.status_code, back.status_code) == (303, 303)
    assert "Removed, not published" in gone
    assert "Version 1 again" in versions
    assert "20% off all goods" in third
    assert [rule.code for rule in await drafted(db, scope)] == ["spring"]


async def test_changes_of_the_draft_are_taken_back_together(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client)
        await client.submit("/c/acme/prices/discard", {}, page="/c/acme/prices/publish")
        assert "Nothing is waiting to be published." in await shown(client, "/prices/publish")
    assert await drafted(db, scope) == []


async def test_the_calendar_shows_what_holds_in_a_month(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client, from_at="2026-11-10T00:00", until_at="2026-11-13T00:00")
        november = await shown(client, "/prices/calendar?month=2026-11")
        december = await shown(client, "/prices/calendar?month=2026-12")
        await shown(client, "/prices/calendar?month=soon")
    assert '<td colspan="9"></td><td colspan="3">' in november
    assert "No promotion holds in this month." in december


async def test_the_calendar_shows_what_is_active_in_a_week(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        when = {"from_at": "2026-11-11T18:00", "until_at": "2026-11-12T00:00"}
        await saved(client, **when)
        await saved(client, id="ever", name="For ever")
        page = await shown(client, "/prices/calendar?week=2026-11-10")
        after = await shown(client, "/prices/calendar?week=2026-11-17")
        now = await shown(client, "/prices/calendar")
    assert page.count("Spring sale") == 1
    assert "18:00–24:00" in page
    assert "Wed, Nov 11" in page
    assert "week=2026-11-16" in page
    assert "Spring sale" not in after
    assert all("For ever" in shown_then for shown_then in (page, after, now))


async def test_who_may_only_read_sees_no_forms_and_is_refused(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client)
    async with browsing(db, scope, READ) as client:
        listed, page = await shown(client, "/prices"), await shown(client, path)
        await shown(client, "/prices/promotions/new", 403)
        publish = await shown(client, "/prices/publish")
        refused = [
            (await client.submit(f"/c/acme{at}", {"version": "1"}, page="/c/acme/prices")).status_code
            for at in (path, f"{path}/removal", "/prices/publish", "/prices/discard", "/prices/promotions/new")
        ]
    assert "New promotion" not in listed
    assert "Save the draft" not in page
    assert "Remove from the draft" not in page
    assert "Begins at" not in publish
    assert refused == [403] * 5


async def test_another_merchants_promotion_is_not_there(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    async with selling(db, Scope(other_tenant)) as client:
        path = await saved(client)
    async with browsing(db, scope) as client:
        await shown(client, path, 404)
        answer = await client.submit(f"/c/acme{path}/removal", {"version": "1"}, page="/c/acme/prices")
        await shown(client, "/prices/versions/7", 404)
    assert answer.status_code == 404


async def test_the_list_asks_no_more_for_many_promotions(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    async with selling(db, scope) as client:
        for number in range(4):
            await saved(client, id=f"p{number}", goods_any="TEA, category:cups", groups="vip")
        with recorder.watching() as run:
            await shown(client, "/prices")
    assert len(run) <= LIST_STATEMENTS_MAX, run


async def known(db: Database, scope: Scope, *people: Any) -> list[UUID]:
    """Save customers who are found by what one types."""
    made = await save_customers(db, scope, list(people))
    async with db.begin(scope) as tx:
        await saving.write_terms(tx, made)
    return list(made)


async def tried(client: web_client.Client, *, status: int = 200, **fields: object) -> str:
    """Send the form of a cart to be tried."""
    answer = await client.submit(TRY, fields, page=TRY)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_a_cart_is_tried_and_every_reason_told(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client, goods_any="TEA", min_quantity="3")
        await saved(client, id="club", name="Club", off="50%", groups="vip")
        asked = await shown(client, "/prices/try")
        two = "sku=TEA&quantity=2&price=100&sku=CUP&quantity=&price=1"
        told = await shown(client, f"/prices/try?{two}&at=2026-11-11")
        three = "sku=TEA&quantity=3&price=100"
        given = await shown(client, f"/prices/try?{three}&channel=web&country=cn")
        published = await shown(client, f"/prices/try?{three}&of=published")
        wrong = await shown(client, "/prices/try?sku=TEA&quantity=some", 422)
        more = await tried(client, action="more", sku="TEA", quantity="3", price="100")
    assert "What it costs" not in asked
    assert "needs 1 more" in told
    assert "only for vip" in told
    assert "price of the catalog" in told
    # 3 × 100 less 20 %.
    assert "given: CN¥60.00 off" in given
    assert "CN¥240.00" in given
    assert "There are no promotions." in published
    assert "CN¥300.00" in published
    assert "some is not a whole number." in wrong
    assert more.count('name="sku"') == 4


async def test_a_cart_is_tried_for_a_customer(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        customer_id, _ = await known(db, scope, wang(), wang(phone="", email="other@example.com"))
        group = await db.write(scope, lambda tx: customers.create_group(tx, code="vip", name="Friends"))
        await db.write(scope, lambda tx: customers.add_members(tx, group_id=group.group_id, customer_ids=[customer_id]))
        await saved(client, id="club", name="Club", off="50%", groups="vip")
        cart = "/prices/try?sku=TEA&price=100"
        nobody = await tried(client, status=422, sku="TEA", price="100", customer="nobody@example.com")
        by_id = await tried(client, sku="TEA", price="100", customer=str(customer_id))
        by_name = await tried(client, sku="TEA", price="100", customer="other@example.com")
        several = await tried(client, status=422, sku="TEA", price="100", customer="王敏")
        asked = await tried(client, action="find", sku="TEA", price="100", customer="王敏")
        picked = await tried(client, pick=str(customer_id), sku="TEA", price="100", customer="王敏")
        again = await shown(client, f"{cart}&customer_id={customer_id}")
        by_group = await shown(client, f"{cart}&groups=vip")
        guest = await shown(client, cart)
    assert "No customer fits" in nobody
    for page in (by_id, again, by_group, picked):
        assert "CN¥50.00 off" in page
    assert "only for Friends" in by_name
    assert (several.count('name="pick"'), asked.count('name="pick"')) == (2, 2)
    assert ("Several customers fit" in several, "Several customers fit" in asked) == (True, False)
    assert f"customer_id={customer_id}" in picked.partition("Address of this cart")[0].rpartition("<a ")[2]
    assert "For 王敏" in by_id
    assert "only for Friends" in guest
    async with browsing(db, scope, READ) as client:
        assert "For 王敏" not in await shown(client, f"{cart}&customer_id={customer_id}")


async def test_a_cart_is_tried_as_the_order_of_its_customer_would_be(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    async with selling(db, scope) as client:
        (anna,) = await save_customers(db, scope, [wang()])
        async with db.begin(scope) as tx:
            await sku(tx, "CUP")
        await saved(client, "amount_off", id="welcome", name="Welcome", off="2", first_order="1")
        await saved(client, "amount_off", id="once", name="Once each", off="1", cap_customer="1")
        await saved(client, "amount_off", id="code", name="By code", off="3", coupon="1")
        await saved(client, "gift", id="gift", name="A present", gift_skus="CUP", gift_quantity="1")
        async with db.begin(scope) as tx:
            await service.publish(tx)
        await coupons.batch(db, scope, promotion="code", codes=("ONCE",), uses_per_customer_max=1)
        cart = "/prices/try?sku=TEA&of=published"
        guest = await shown(client, cart)
        before = await shown(client, f"{cart}&customer_id={anna}")
        await place_one(db, scope, order(("TEA", 1), customer_id=anna, coupons=("once",)))
        with recorder.watching() as run:
            after = await tried(client, sku="TEA", of="published", customer_id=str(anna), codes="once")
        typed = await shown(client, f"{cart}&customer_id={anna}&orders=0")
        codes = await shown(client, f"{cart}&customer_id={anna}&codes=once")
    assert "only for customers who are known" in guest
    assert "CN¥7.00" in before  # 10.00 less 2.00 and 1.00, as nobody bought anything yet
    assert "0, counted" in before
    assert "1, counted" in after
    assert "only for a first order" in after
    assert "was given to this customer as often as it may be" in after
    assert "the coupon was used already" in after
    assert ("once" in after.partition("Address of this cart")[0].rpartition("<a ")[2], "used already" in codes) == (
        False,
        False,
    )
    assert "no gift is left" in after  # there are no cups in stock
    assert "0, as typed" in typed
    assert len(run) <= TRIED_STATEMENTS_MAX, run


async def test_customers_that_rules_name_are_called_by_their_names(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        (anna,) = await save_customers(db, scope, [wang(name="Anna Bell")])
        one = {"example_of": "0", "example_sku": "TEA", "example_quantity": "1", "example_price": "100"}
        mine = {"customers": str(anna), **one, "example_who": str(anna), "example_total": "80"}
        path = await saved(client, **mine)
        page, listed = await shown(client, path), await shown(client, "/prices")
        warned = await shown(client, "/prices/publish")
        other = {"id": "other", "customers": "0193a000-0000-7000-8000-000000000001", "payment_methods": "card"}
        await saved(client, **other)
        unsure = await shown(client, "/prices/publish")
    assert ("only for Anna Bell" in page, "only for Anna Bell" in listed) == (True, True)
    assert page.count("Anna Bell") == 3, "in the sentence, at its box, and beside the example's input"
    assert "example_who" in page
    assert "No customer has the id" not in warned
    assert "No customer has the id 0193a000-0000-7000-8000-000000000001." in unsure
    assert "only when paying by Card" in unsure
    async with browsing(db, scope, READ) as client:
        assert "Anna Bell" not in await shown(client, path)
