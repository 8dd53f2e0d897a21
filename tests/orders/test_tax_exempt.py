"""Who pays no tax by certificate or VAT number, in orders: as placed, edited, priced by hand, explained, replayed."""

from datetime import timedelta
from uuid import UUID

from jiedan.base import verify
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customer_service
from jiedan.customers.values import Address, CustomerId, ExemptionId, TaxExemption
from jiedan.orders import queries, service
from jiedan.orders.rules import taxing
from jiedan.orders.rules.planning import Plan
from jiedan.orders.service import erasure
from jiedan.orders.values import History, LinePrice, OrderEdit, OrderId, OrderWithLines, Placed, PriceEdit
from jiedan.pricing import service as pricing
from jiedan.pricing.values import Certificate, FeeClass, TaxSettings, TaxStatus, VatNumber
from jiedan.pricing.values.promotions import AmountOff, Promotion, When
from tests.conftest import NOON
from tests.customers.factories import save, wang
from tests.orders.factories import order, place, place_one, shop
from tests.orders.test_bespoke import opened
from tests.orders.test_promotions import preview_of
from tests.replays.factories import done, figures

BERLIN = Address(country="DE", line1="Hauptstrasse 1", city="Berlin", postal_code="10117")
PARIS = Address(country="FR", line1="1 Rue de Rivoli", city="Paris", postal_code="75001")
CHECKS = verify.statements("orders")

Row = tuple[int, int, int, int]
"""Total, tax, what came off, what of that is relief."""


async def taxed(db: Database, scope: Scope, *, included: bool, fees: FeeClass = "own") -> None:
    """Open a German merchant with tea and pots at 10.00: 19 % at home, 20 % in France, reverse charge switched on."""
    await shop(db, scope, {"TEA": {"A": 99}, "POT": {"A": 99}}, country="DE", prices_include_tax=included)
    await rated(db, scope, fees)


async def rated(db: Database, scope: Scope, fees: FeeClass = "own") -> None:
    """Publish the taxes of home and of France, and how they are charged."""
    async with db.begin(scope) as tx:
        rows = [pricing.TaxRateRow("DE", "standard", 190_000), pricing.TaxRateRow("FR", "standard", 200_000)]
        await pricing.set_tax_rates(tx, rows=rows)
        await pricing.create_rule(
            tx, kind="tax_settings", body=TaxSettings(reverse_charge=True, home_country="DE", fees=fees)
        )  # fmt: skip
        await pricing.publish(tx)


async def exempt(db: Database, scope: Scope, kind: str, number: str, **more: object) -> tuple[CustomerId, ExemptionId]:
    """Return a company and what it has to show."""
    (customer_id,) = await save(db, scope, [wang(kind="company")])
    exemption = TaxExemption(ExemptionId(UUID(int=0)), kind, number, **more)  # type: ignore[arg-type]  # shorthand
    async with db.begin(scope) as tx:
        return customer_id, await customer_service.add_tax_exemption(tx, customer_id=customer_id, exemption=exemption)


async def found(db: Database, scope: Scope, placed: Placed) -> OrderWithLines:
    async with db.read(scope) as tx:
        assert await tx.sql(CHECKS["i06_who_pays_no_tax_has_shown_why"]) == []
        assert await tx.sql(CHECKS["i06_line_tax_is_the_sum_of_its_taxes"]) == []
        told = await queries.order(tx, placed.order_id)
    rows = taxing.table(told.lines)
    assert rows is not None
    assert sum(one.tax_minor for one in rows) == told.order.tax_minor
    return told


def row(of: OrderWithLines) -> Row:
    assert of.order.total_minor == sum(x.total_minor for x in of.lines)
    return (
        of.order.total_minor,
        of.order.tax_minor,
        sum(x.discount_minor for x in of.lines),
        sum(x.relief_minor for x in of.lines),
    )


def freed(of: OrderWithLines) -> list[tuple[str, str]]:
    assert of.order.tax is not None
    return [(note.code, note.reference) for note in of.order.tax.notes]


async def move(db: Database, scope: Scope, placed: Placed, there: Address) -> OrderWithLines:
    edit = OrderEdit(ship_to=there)
    await db.write(scope, lambda tx: service.edit_order(tx, order_id=placed.order_id, edit=edit, version=None))
    return await found(db, scope, placed)


async def is_explained(db: Database, scope: Scope, placed: Placed) -> bool:
    async with db.read(scope) as tx:
        return (await service.explain_prices(tx, order_id=OrderId(placed.order_id), locale="en")).is_same


async def test_a_certificate_frees_and_stays_with_the_order(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, exemption_id = await exempt(db, scope, "exempt", "EX-1", places=("DE",))
    body = order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN)
    placed = await place_one(db, scope, body)
    async with db.begin(scope) as tx:
        await customer_service.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=exemption_id)
    later = await place_one(db, scope, body)
    # 10.00 hold 1.60 of tax at 19 %.
    first = await found(db, scope, placed)
    assert (row(first), freed(first)) == ((840, 0, 160, 160), [("certificate", "EX-1")])
    second = await found(db, scope, later)
    assert (row(second), freed(second)) == ((1_000, 160, 0, 0), [])
    assert await is_explained(db, scope, placed)
    assert await is_explained(db, scope, later)


async def test_the_merchants_country_is_home_where_nobody_says_another(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"A": 99}}, country="DE", prices_include_tax=True)
    async with db.begin(scope) as tx:
        rows = [pricing.TaxRateRow("DE", "standard", 190_000), pricing.TaxRateRow("FR", "standard", 200_000)]
        await pricing.set_tax_rates(tx, rows=rows)
        await pricing.create_rule(tx, kind="tax_settings", body=TaxSettings(reverse_charge=True))
        await pricing.publish(tx)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045")
    placed = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))
    # 10.00 hold 1.60 of tax at 19 %, the rate of where the merchant is.
    assert row(await found(db, scope, placed)) == (840, 0, 160, 160)
    assert await is_explained(db, scope, placed)
    moved = await move(db, scope, placed, BERLIN)
    assert (row(moved), freed(moved)) == ((1_000, 160, 0, 0), [("goods_stay", "FR40303265045")])
    back = await move(db, scope, placed, PARIS)
    assert row(back) == (840, 0, 160, 160)


async def test_reverse_charge_is_not_published_where_the_merchants_country_has_none(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"A": 99}}, country="CN")
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="tax_settings", body=TaxSettings(reverse_charge=True))
        (problem,) = await pricing.problems(tx)
    assert (problem.code, problem.field) == ("tax_home_missing", "tax_settings:settings.home_country")


async def test_a_certificate_of_elsewhere_frees_nothing_and_is_told(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=False)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", places=("FR",))
    at_home = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN))
    assert row(await found(db, scope, at_home)) == (1_190, 190, 0, 0)
    assert freed(await found(db, scope, at_home)) == [("certificate_elsewhere", "EX-1")]
    moved = await move(db, scope, at_home, PARIS)
    assert (row(moved), freed(moved)) == ((1_000, 0, 0, 0), [("certificate", "EX-1")])


async def test_reverse_charge_needs_a_number_and_another_country(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=False)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045")
    (unknown,) = await save(db, scope, [wang(kind="company", tax_number="FR 40303265045", external_id="2")])
    placed = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))
    silent = await place_one(db, scope, order(("TEA", 1), customer_id=unknown, ship_to=PARIS))
    guest = await place_one(db, scope, order(("TEA", 1), ship_to=PARIS))
    first = await found(db, scope, placed)
    assert (row(first), freed(first)) == ((1_000, 0, 0, 0), [("reverse_charge", "FR40303265045")])
    assert first.order.tax is not None
    assert first.order.tax.reasons[0].article == "Art. 138, 196 Directive 2006/112/EC"
    assert [row(await found(db, scope, x))[1] for x in (silent, guest)] == [200, 200]
    assert (await found(db, scope, guest)).order.tax is None


async def test_an_order_that_is_moved_is_taxed_by_what_it_was_placed_with(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, exemption_id = await exempt(db, scope, "reverse_charge", "FR40303265045")
    placed = await place_one(db, scope, order(("TEA", 3), customer_id=customer_id, ship_to=PARIS))
    async with db.begin(scope) as tx:
        await customer_service.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=exemption_id)
    # 30.00 hold 4.79 of the tax at home; France's is for the customer to declare.
    abroad = (2_521, 0, 479, 479)
    assert row(await found(db, scope, placed)) == abroad
    home = await move(db, scope, placed, BERLIN)
    assert (row(home), freed(home)) == ((3_000, 479, 0, 0), [("goods_stay", "FR40303265045")])
    back = await move(db, scope, placed, PARIS)
    assert (row(back), freed(back)) == (abroad, [("reverse_charge", "FR40303265045")])
    assert await is_explained(db, scope, placed)


async def test_prices_by_hand_are_freed_as_the_order_was(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1")
    placed = await place_one(db, scope, order(("TEA", 2), customer_id=customer_id, ship_to=BERLIN))
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=595, price_reason="A stain."),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=edit, version=None))
    # 11.90 hold 1.90 of tax.
    assert row(await found(db, scope, placed)) == (1_000, 0, 190, 190)
    assert await is_explained(db, scope, placed)
    back = PriceEdit(lines=(LinePrice(line=1),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=back, version=None))
    assert row(await found(db, scope, placed)) == (1_681, 0, 319, 319)


async def test_promotions_ask_the_same_source(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=False)
    firms = Promotion("firms", "For companies", AmountOff({"CNY": 300}), when=When(tax_status="business"))
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="promotion", body=firms)
        await pricing.publish(tx)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045", until_at=NOON + timedelta(days=1))
    (nobody,) = await save(db, scope, [wang(kind="company", external_id="2")])
    bodies = [order(("TEA", 1), customer_id=x, ship_to=PARIS) for x in (customer_id, nobody)]
    firm, other = [x for x in await place(db, scope, *bodies) if isinstance(x, Placed)]
    assert (firm.total_minor, other.total_minor) == (700, 1_200)
    assert await is_explained(db, scope, firm)


async def test_it_costs_no_statement(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1")
    (taxed_id,) = await save(db, scope, [wang(external_id="2")])
    counts = []
    for body in (order(("TEA", 1), customer_id=x, ship_to=BERLIN) for x in (taxed_id, taxed_id, customer_id)):
        with recorder.watching() as run:
            await place(db, scope, body)
        counts.append(len(run))
    assert counts[1] == counts[2]


async def test_previews_show_what_orders_will_be(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1")
    (plan,) = await preview_of(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN))
    assert isinstance(plan, Plan)
    assert plan.tax is not None
    assert (plan.total_minor, [x.reference for x in plan.tax.reasons]) == (840, ["EX-1"])


async def test_the_api_tells_relief_apart_before_the_order_is_placed(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1")
    cart = {"lines": [{"sku": "TEA", "quantity": 1}], "customer_id": str(customer_id)}
    async with opened(db, scope) as client:
        preview = (await client.post("/api/v1/orders/preview", json=cart)).json()
        (quoted,) = (await client.post("/api/v1/pricing/quote", json={"carts": [cart]})).json()
        guest = (await client.post("/api/v1/orders/preview", json={"lines": cart["lines"]})).json()
    for told in (preview, quoted["quote"]):
        (line,) = told["lines"]
        assert (line["discount_minor"], line["relief_minor"], line["total_minor"]) == (160, 160, 840)
    assert preview["tax"]["certificates"] == ["EX-1"]
    assert [x["code"] for x in preview["tax"]["notes"]] == ["certificate"]
    assert quoted["quote"]["trace"]["tax_notes"] == preview["tax"]["notes"]
    assert guest["tax"] is None


async def test_what_happened_elsewhere_is_taxed_as_of_its_day(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", until_at=NOON - timedelta(days=1))
    totals = []
    for days in (2, 0):
        then = History(placed_at=NOON - timedelta(days=days))
        body = order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN, history=then, external_id=f"H-{days}")
        totals.append((await place_one(db, scope, body)).total_minor)
    assert totals == [840, 1_000]


async def test_replays_take_what_the_order_was_placed_with(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, exemption_id = await exempt(db, scope, "exempt", "EX-1")
    await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN))
    async with db.begin(scope) as tx:
        await customer_service.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=exemption_id)
    replay = await done(db, scope)
    told = await figures(db, scope, replay)
    assert told["same"] == (1, 840, 840)
    assert "discount" not in told, "what is not charged is tax, no discount"


async def test_of_an_erased_order_it_stays_why_but_not_by_which_number(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=False)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045")
    placed = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))
    async with db.begin(scope) as tx:
        await erasure.erase_orders(tx, order_ids=[OrderId(placed.order_id)])
    left = await found(db, scope, placed)
    assert left.order.tax is not None
    assert left.order.tax.status == TaxStatus(vat_numbers=(VatNumber(country="FR"),), is_business=True)
    assert [(x.code, x.reference, x.area) for x in left.order.tax.reasons] == [("reverse_charge", "", "EU")]
    assert await is_explained(db, scope, placed)


async def test_an_erased_order_is_priced_as_it_was(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", places=("DE",), until_at=NOON + timedelta(days=1))
    placed = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN))
    async with db.begin(scope) as tx:
        await erasure.erase_orders(tx, order_ids=[OrderId(placed.order_id)])
    left = await found(db, scope, placed)
    assert left.order.tax is not None
    assert left.order.tax.status.certificates == (Certificate("", places=("DE",), until_at=NOON + timedelta(days=1)),)
    assert row(left) == (840, 0, 160, 160)
    assert await is_explained(db, scope, placed)
    assert row(await move(db, scope, placed, PARIS)) == (1_000, 167, 0, 0)
