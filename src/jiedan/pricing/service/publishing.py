"""Publish the draft as the next version, publish an old version again, take back one that has not begun."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import SHOP_CHANNEL
from jiedan.base import idempotency, once
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.customers import queries as customers
from jiedan.pricing import events, queries
from jiedan.pricing.errors import books as book_errors
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.rules import publishing, trying
from jiedan.pricing.service import removals, writing
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import BookBrief, PublishedBook, RuleKey, RuleKind, Written

PUBLISH = "pricing.publish"
ROLL_BACK = "pricing.roll_back"

SAMPLES_MAX = 200
"""SKUs, the cheapest first, on which promotions are tried before they are published."""


async def publish(
    tx: Tx,
    *,
    begins_at: datetime | None = None,
    note: str = "",
    only: Collection[RuleKey] | None = None,
    key: str | None = None,
) -> BookBrief:
    """Publish the draft, or `only` these changes of it, as the next version, from `begins_at` on, or at once.

    Some changes may begin before one version that waits, unless it changes the same rules: that one is taken back and
    published again with them, to begin when it was to. The same `key` and wish again is the same version. Raises
    CannotPublish with every reason; NothingToPublish, NoRuleChosen, RuleNotChanged, PriceBookWaits, RuleWaits,
    BookBeginsInPast, NoteTooLong or KeyReused.
    """
    wish = (begins_at, note) if only is None else (begins_at, note, sorted(only))
    found = await once.subject(tx, operation=PUBLISH, key=key, body=wish)
    if found.outcome is not None:
        return await _published(tx, found.outcome)
    await writing.claim(tx)
    last, present = await tx.load(queries.last_book(), queries.draft_rules())
    written = _some(last, queries.written(present), only)
    if only is not None and last is not None and last.brief.waits(begins_at or tx.now):
        made = await _publish_before(tx, last, written, only, begins_at=begins_at, note=note)
    else:
        made = await _publish(tx, last, written, begins_at=begins_at, note=note)
    await _remember(tx, PUBLISH, found, made)
    return made


async def roll_back(
    tx: Tx, *, version: int, begins_at: datetime | None = None, note: str = "", key: str | None = None
) -> tuple[BookBrief, UUID | None]:
    """Publish an old version again as the next one; the draft then says the same. Once per `key`.

    What the draft said before is kept: return the id to take it back by too, unless it said so already, is too much to
    be kept, or the `key` came again. Raises what `publish` raises, and PriceBookNotFound.
    """
    found = await once.subject(tx, operation=ROLL_BACK, key=key, body=(version, begins_at, note))
    if found.outcome is not None:
        return await _published(tx, found.outcome), None
    await writing.claim(tx)
    old = await queries.book(tx, version=version)
    last, present = await tx.load(queries.last_book(), queries.draft_rules())
    written = rules.parts_of(old.book, old.examples)
    made = await _publish(tx, last, written, begins_at=begins_at, note=note, restores=version)
    unlike = rules.changes(queries.written(present), written)
    removal_id = await removals.keep(tx, unlike, {rule.key: rule for rule in present})
    await writing.follow(tx, queries.written(present), written)
    await _remember(tx, ROLL_BACK, found, made)
    return made, removal_id


async def _remember(tx: Tx, operation: str, found: once.Subject, made: BookBrief) -> None:
    """Store with its key, if there is one, which version was published."""
    if found.claim is not None:
        await idempotency.record_outcomes(tx, operation=operation, outcomes=[(found.claim, b"%d" % made.version)])


async def _published(tx: ReadTx, version: bytes) -> BookBrief:
    """Return the version that a key led to before."""
    return (await queries.book(tx, version=int(version))).brief


async def withdraw(tx: Tx, *, version: int) -> BookBrief:
    """Take back a version that has not begun. The draft stays. Raises PriceBookNotFound or PriceBookBegun."""
    await writing.claim(tx)
    found = (await queries.book(tx, version=version)).brief
    if found.withdrawn_at is not None or not found.waits(tx.now):
        raise errors.PriceBookBegun(version)
    await _take_back(tx, version)
    return found._replace(withdrawn_at=tx.now)


def _some(last: PublishedBook | None, written: Written, only: Collection[RuleKey] | None) -> Written:
    """Return the book to publish: the whole draft, or what was published last with only these changes.

    Raises NoRuleChosen, or RuleNotChanged of each that is none.
    """
    if only is None:
        return written
    if not only:
        raise book_errors.NoRuleChosen(field="rules")
    before = {} if last is None else rules.parts_of(last.book, last.examples)
    changed = {change.key for change in rules.changes(before, written)}
    missing = [(i, key) for i, key in enumerate(only) if key not in changed]
    if missing:
        raise one_of([book_errors.RuleNotChanged(f"{key.kind}:{key.code}", field=f"rules[{i}]") for i, key in missing])
    return rules.chosen(before, written, only)


async def _publish_before(
    tx: Tx,
    waiting: PublishedBook,
    written: Written,
    only: Collection[RuleKey],
    *,
    begins_at: datetime | None,
    note: str,
) -> BookBrief:
    """Publish some changes before the version that waits, and that version anew with them: what is `written`.

    What it says of these rules has to be what holds until then: else nobody could tell which is meant.
    """
    version, begins = waiting.brief.version, begins_at or tx.now
    if begins_at is not None and begins_at <= tx.now:
        raise errors.BookBeginsInPast(field="begins_at")
    others = await tx.load_one(queries.books(before=version))
    if any(one.withdrawn_at is None and one.waits(begins) for one in others):
        raise errors.PriceBookWaits(version, field="begins_at")
    held = await tx.load_one(queries.book_or_none(await tx.load_one(queries.version_then(at=begins))))
    before = {} if held is None else rules.parts_of(held.book, held.examples)
    later = rules.parts_of(waiting.book, waiting.examples)
    for key in sorted(only):
        if before.get(key) != later.get(key):
            raise book_errors.RuleWaits(version, f"{key.kind}:{key.code}", field="begins_at")
    await _take_back(tx, version)
    made = await _publish(tx, held, rules.chosen(before, written, only), begins_at=begins_at, note=note)
    brief = waiting.brief
    again = await _publish(tx, waiting, written, begins_at=brief.begins_at, note=brief.note)
    return made._replace(renewed=again.version)


async def _take_back(tx: Tx, version: int) -> None:
    await tx.sql_count(
        writing.SQL["insert_withdrawal"],
        version=version,
        at=tx.now,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
    )
    tx.emit(events.PriceBookWithdrawn(merchant_id=tx.tenant, version=version))


async def problems(tx: ReadTx, *, begins_at: datetime | None = None) -> tuple[Refusal, ...]:
    """Return every reason why the draft could not be published as it is."""
    written = queries.written(await tx.load_one(queries.draft_rules()))
    return (await _checked(tx, written, at=begins_at or tx.now, version=0)).problems


async def checked(
    tx: ReadTx, *, begins_at: datetime | None = None, only: Collection[RuleKey] | None = None
) -> publishing.Checked:
    """Return every reason why the draft could not be published as it is, and what may not be meant.

    Of `only` these changes of it, where they are named. Raises NoRuleChosen, RuleNotChanged.
    """
    last, present = await tx.load(queries.last_book(), queries.draft_rules())
    written = _some(last, queries.written(present), only)
    return await _checked(tx, written, at=begins_at or tx.now, version=0)


async def unpublished(tx: ReadTx) -> tuple[drafts.RuleChange, ...]:
    """Return in what the draft differs from the version that was published last."""
    last, present = await tx.load(queries.last_book(), queries.draft_rules())
    before = {} if last is None else rules.parts_of(last.book, last.examples)
    return rules.changes(before, queries.written(present))


async def _publish(
    tx: Tx,
    last: PublishedBook | None,
    written: Written,
    *,
    begins_at: datetime | None,
    note: str,
    restores: int | None = None,
) -> BookBrief:
    version = 0 if last is None else last.brief.version
    before = {} if last is None else rules.parts_of(last.book, last.examples)
    changes = rules.changes(before, written)
    if not changes:
        raise errors.NothingToPublish(version)
    if len(note) > drafts.NOTE_CHARACTERS_MAX:
        raise errors.NoteTooLong(drafts.NOTE_CHARACTERS_MAX, field="note")
    if begins_at is not None and begins_at <= tx.now:
        raise errors.BookBeginsInPast(field="begins_at")
    if last is not None and last.brief.waits(begins_at or tx.now):
        raise errors.PriceBookWaits(version, field="begins_at")
    found = await _checked(tx, written, at=begins_at or tx.now, version=version + 1)
    problems = found.problems
    if restores is not None:  # goods may have become cheaper than what was published takes off; the way back stays open
        problems = tuple([one for one in problems if not isinstance(one, errors.GoodsForNothing)])
    if problems:
        raise errors.CannotPublish(problems)
    kinds: tuple[RuleKind, ...] = tuple(sorted({change.key.kind for change in changes}))
    made = await writing.write_book(tx, written, kinds=kinds, begins_at=begins_at, note=note, restores=restores)
    return BookBrief(made, begins_at or tx.now, note, restores, tx.now, tx.actor)


async def _checked(tx: ReadTx, written: Written, *, at: datetime, version: int) -> publishing.Checked:
    """Read what a book has to be tried in, and try it."""
    settings = await tx.load_one(accounts.settings())
    currencies = sorted(publishing.currencies_asked(written))
    codes: Collection[str] = publishing.skus_asked(written)
    cheap = await tx.load_one(queries.cheapest(currencies, most=SAMPLES_MAX)) if currencies else []
    goods = await queries.goods(tx, codes={*codes, *cheap})
    there = await tx.load_one(queries.traits_there(publishing.traits_asked(written)))
    is_of_shop = SHOP_CHANNEL in publishing.channels_asked(written)
    groups, people = publishing.groups_asked(written), publishing.customers_asked(written)
    circumstances = trying.Circumstances(
        at=at,
        zone=ZoneInfo(settings.time_zone),
        version=version,
        prices_include_tax=settings.prices_include_tax,
        country=settings.country,
        goods=goods,
        samples=publishing.samples(goods, currencies),
        there=there,
        currencies=tuple(settings.currencies),
        groups=frozenset(group.code for group in await customers.groups(tx)) if groups else None,
        customers=await _there(tx, people) if people else None,
        is_shop_open=(await tx.load_one(accounts.storefront())).is_open if is_of_shop else None,
    )
    found = publishing.check_publication(written, circumstances)
    in_use = await tx.load_one(queries.list_currencies())
    missing = publishing.lists_missing(written, in_use)
    return found._replace(problems=(*found.problems, *missing))


async def _there(tx: ReadTx, named: Collection[str]) -> frozenset[str]:
    """Return those of the customers that rules name who are there, also as duplicates of others."""
    by_id: dict[UUID, str] = {}
    for name in named:
        try:
            by_id[UUID(name)] = name
        except ValueError:  # the id of nobody
            continue
    found = await tx.load_one(customers.existing(by_id))
    return frozenset(by_id[customer_id] for customer_id in found)
