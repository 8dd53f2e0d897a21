from collections.abc import Sequence

from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.drain import Drain, Handler
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.torture import queries
from tests.base.happenings import emit, subscribed


async def test_a_worker_holds_events_from_when_it_takes_them_until_they_are_done(
    db: Database, tenant: TenantId
) -> None:
    seen: list[bool] = []

    async def look(tx: Tx, _given: Sequence[StoredEvent]) -> None:
        async with db.read(Scope(tx.tenant)) as other:
            seen.append(await queries.holds_events(other))

    async def held() -> bool:
        tx: ReadTx
        async with db.read(Scope(tenant)) as tx:
            return await queries.holds_events(tx)

    assert not await held()
    await emit(db, tenant, 1)
    assert await Drain(db, None, subscribed(Handler("test.look", look))).drain_tenant(tenant) == 1
    assert seen == [True]
    assert not await held()
