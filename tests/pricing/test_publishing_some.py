"""Some changes of the draft are published, the others stay; and what becomes of a version that waits meanwhile."""

from datetime import timedelta

import pytest

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.idempotency import KeyReused
from jiedan.pricing import queries, service
from jiedan.pricing.errors import books as book_errors
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.values.drafts import RuleId, RuleKey
from jiedan.pricing.values.examples import Example, ExampleLine
from jiedan.pricing.values.promotions import PercentOff, Promotion
from tests.accounts.factories import merchant
from tests.catalog.factories import goods, saved

KEYS = {name: RuleKey("promotion", name) for name in "abc"}
WRONG = Example("wrong", "CNY", (ExampleLine("TEA", 1),), total_minor=1)
"""A tea costs 10.00, less a tenth."""


@pytest.fixture
async def shop(db: Database, scope: Scope) -> Scope:
    """Return a merchant who sells tea for 10.00."""
    async with db.begin(scope) as tx:
        await merchant(tx)
        await saved(tx, goods("TEA"))
    return scope


def rate(name: str, ppm: int) -> Promotion:
    """Return a promotion that takes so much off."""
    return Promotion(name, name, PercentOff(ppm))


async def add(tx: Tx, name: str, ppm: int, *examples: Example) -> RuleId:
    return (await service.create_rule(tx, kind="promotion", body=rate(name, ppm), examples=examples)).rule_id


async def said(tx: Tx, version: int) -> dict[str, int]:
    """Return what the promotions of a version take off, by name."""
    book = (await queries.book(tx, version=version)).book
    return {one.id: getattr(one.offer, "rate_ppm", 0) for one in book.promotions}


async def changed(tx: Tx) -> list[str]:
    return [change.key.code for change in await service.unpublished(tx)]


async def refused(tx: Tx, *names: str, hours: int | None = None) -> list[Refusal]:
    """Return why these changes are not published."""
    begins = None if hours is None else tx.now + timedelta(hours=hours)
    with pytest.raises(Refusal) as found:
        await service.publish(tx, only=[KEYS[name] for name in names], begins_at=begins)
    return list(reasons_of(found.value))


async def test_what_is_chosen_is_published_and_the_rest_stays_a_draft(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await add(tx, "a", 100_000)
        gone = await add(tx, "b", 200_000)
        await service.publish(tx)
        await service.remove_rule(tx, rule_id=gone)
        await add(tx, "c", 300_000, WRONG)
        failing = await service.problems(tx)
        assert (await service.checked(tx, only=[KEYS["b"]])).problems == ()
        made = await service.publish(tx, only=[KEYS["b"]])
        rest, told = await changed(tx), await said(tx, made.version)
    assert [type(one) for one in failing] == [errors.ExampleFails]
    assert (made.version, made.renewed, told, rest) == (2, None, {"a": 100_000}, ["c"])


async def test_examples_are_tried_with_what_is_chosen_alone(db: Database, shop: Scope) -> None:
    nine = Example("nine", "CNY", (ExampleLine("TEA", 1),), total_minor=900)
    async with db.begin(shop) as tx:
        await add(tx, "a", 100_000, nine)
        await add(tx, "b", 500_000)
        assert [type(one) for one in await service.problems(tx)] == [errors.ExampleFails]
        made = await service.publish(tx, only=[KEYS["a"]])
        (reason,) = await refused(tx, "b")
    assert made.version == 1
    assert (type(reason), reason.field) == (errors.ExampleFails, "promotion:a.examples[0].total_minor")


async def test_what_is_no_change_is_refused(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await add(tx, "a", 100_000)
        await service.publish(tx)
        await add(tx, "b", 200_000)
        assert [(type(one), one.field) for one in await refused(tx, "b", "a", "c")] == [
            (book_errors.RuleNotChanged, "rules[1]"),
            (book_errors.RuleNotChanged, "rules[2]"),
        ]
        assert [type(one) for one in await refused(tx)] == [book_errors.NoRuleChosen]


async def test_a_key_is_of_what_was_chosen(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await add(tx, "a", 100_000)
        await add(tx, "b", 200_000)
        one = await service.publish(tx, only=[KEYS["a"]], key="k")
    async with db.begin(shop) as tx:
        assert (await service.publish(tx, only=[KEYS["a"]], key="k")).version == one.version
        with pytest.raises(KeyReused):
            await service.publish(tx, only=[KEYS["b"]], key="k")


async def test_a_version_that_waits_begins_with_what_was_published_before_it(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await add(tx, "a", 100_000)
        await service.publish(tx)
        await add(tx, "b", 200_000)
        later = tx.now + timedelta(days=2)
        await service.publish(tx, begins_at=later, note="Sale")
        await add(tx, "c", 300_000)
        with pytest.raises(errors.PriceBookWaits):
            await service.publish(tx)
        made = await service.publish(tx, only=[KEYS["c"]])
        now, then = await tx.load(queries.version_in_force(at=tx.now), queries.version_then(at=later))
        books = {book.version: book for book in await tx.load_one(queries.books())}
        contents = [await said(tx, version) for version in (3, 4)]
        rest = await changed(tx)
    assert (made.version, made.renewed, now, then, rest) == (3, 4, 3, 4, [])
    assert contents == [{"a": 100_000, "c": 300_000}, {"a": 100_000, "b": 200_000, "c": 300_000}]
    assert books[2].withdrawn_at is not None
    assert (books[4].begins_at, books[4].note) == (later, "Sale")


async def test_what_the_waiting_version_changes_too_is_refused(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        rule = await add(tx, "a", 100_000)
        await service.publish(tx)
        await service.change_rule(tx, rule_id=rule, body=rate("a", 200_000))
        await service.publish(tx, begins_at=tx.now + timedelta(days=2))
        await service.change_rule(tx, rule_id=rule, body=rate("a", 300_000))
        await add(tx, "c", 300_000)
        (reason,) = await refused(tx, "a")
        assert isinstance(reason, book_errors.RuleWaits)
        assert (reason.version, reason.rule) == (2, "promotion:a")
        made = await service.publish(tx, only=[KEYS["a"]], begins_at=tx.now + timedelta(days=3))
        (reason,) = await refused(tx, "c")
    assert made.version == 3
    assert isinstance(reason, errors.PriceBookWaits)  # two versions wait by now


async def test_what_waits_has_to_pass_with_it_too(db: Database, shop: Scope) -> None:
    nine = Example("nine", "CNY", (ExampleLine("TEA", 1),), total_minor=900)
    async with db.begin(shop) as tx:
        await add(tx, "b", 500_000)
        await service.publish(tx)
        await service.remove_rule(tx, rule_id=(await tx.load_one(queries.draft_rules()))[0].rule_id)
        await add(tx, "a", 100_000, nine)
        await service.publish(tx, begins_at=tx.now + timedelta(days=2))
        await add(tx, "c", 200_000)
    with pytest.raises(errors.CannotPublish) as refusal:
        await db.write(shop, lambda tx: service.publish(tx, only=[KEYS["c"]]))
    (reason,) = reasons_of(refusal.value)
    async with db.read(shop) as read:
        books = await read.load_one(queries.books())
    assert (type(reason), reason.field) == (errors.ExampleFails, "promotion:a.examples[0].total_minor")
    assert [(book.version, book.withdrawn_at) for book in books] == [(2, None), (1, None)]
