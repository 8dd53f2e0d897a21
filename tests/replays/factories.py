"""Replays as tests begin and do them."""

from collections.abc import Mapping

from jiedan.base import paging
from jiedan.base.db import Database, Scope
from jiedan.orders.values import NewOrder, Placed
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import Goods, PercentOff, Promotion
from jiedan.replays import queries, run, service
from jiedan.replays.values import ListedOutcome, OrderRow, Replay, Sum, SumKey
from tests.orders import factories

CURSORS = paging.Cursors("a secret of the tests")
TEA = Goods(any_of=("sku:TEA",))
TENTH = Promotion("tenth", "A tenth off tea", PercentOff(100_000), TEA)


async def drafted(db: Database, scope: Scope, *rules: Promotion) -> None:
    """Write promotions into the draft."""
    async with db.begin(scope) as tx:
        for one in rules:
            await pricing.create_rule(tx, kind="promotion", body=one)


async def published(db: Database, scope: Scope, *rules: Promotion) -> None:
    """Publish promotions."""
    await drafted(db, scope, *rules)
    async with db.begin(scope) as tx:
        await pricing.publish(tx)


async def placed(db: Database, scope: Scope, *bodies: NewOrder) -> list[Placed]:
    """Place orders in one batch; each must be taken."""
    made = [x for x in await factories.place(db, scope, *bodies) if isinstance(x, Placed)]
    assert len(made) == len(bodies)
    return made


async def begun(db: Database, scope: Scope, *, days: int = 30, key: str | None = None) -> Replay:
    """Begin a replay."""
    return await db.write(scope, lambda tx: service.begin_replay(tx, days=days, locale="en", key=key))


async def done(db: Database, scope: Scope, *, days: int = 30) -> Replay:
    """Begin a replay and do all of it."""
    replay = await begun(db, scope, days=days)
    return await run.run(db, scope.tenant, replay.replay_id)


async def sums(db: Database, scope: Scope, replay: Replay) -> Mapping[SumKey, Sum]:
    """Return the figures of all orders."""
    async with db.read(scope) as tx:
        return await tx.load_one(queries.sums(replay.replay_id))


async def figures(db: Database, scope: Scope, replay: Replay, currency: str = "CNY") -> dict[str, tuple[int, int, int]]:
    """Return (orders, before, after) by figure, of those that are not all 0."""
    found = await sums(db, scope, replay)
    return {
        key.figure: (one.orders, one.before_minor, one.after_minor)
        for key, one in found.items()
        if key.currency == currency and any(one) and not key.subject
    }


async def rows(db: Database, scope: Scope, replay: Replay, outcome: ListedOutcome = "changed") -> list[OrderRow]:
    """Return the orders of an outcome."""
    async with db.read(scope) as tx:
        request = paging.Request.of(CURSORS, tenant=tx.tenant, name="orders", filters={}, limit=200)
        return list((await queries.orders(tx, replay.replay_id, request=request, outcome=outcome)).items)
