"""A SKU runs low at a location."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SkuId
from jiedan.inventory import events as inventory
from jiedan.inventory import queries as stock
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import NewNotice


async def tell(tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell each event with the names of the SKU and of the location."""
    told = [(event.event_id, inventory.StockRanLow.of(event)) for event in stored]
    skus, places = await tx.load(catalog.skus_by_id(sorted({SkuId(low.sku_id) for _, low in told})), stock.locations())
    names = {place.location_id: place.name for place in places}
    return [
        NewNotice(
            event_id,
            "low_stock",
            KIND.permission,
            low.sku_id,
            {
                "sku": skus[low.sku_id].code if low.sku_id in skus else str(low.sku_id),
                "location": names.get(low.location_id, str(low.location_id)),
                "available": low.available,
            },
        )
        for event_id, low in told
    ]


def path(sku_id: UUID, _data: Facts) -> str:
    """Return the stock of the SKU."""
    return f"/stock/skus/{sku_id}"


KIND = NoticeKind(
    kind="low_stock",
    label=N_("Low stock"),
    text=N_("{sku} is low at {location}: {available} left."),
    icon="boxes",
    permission="inventory:read",
    causes=(inventory.StockRanLow,),
    tell=tell,
    path=path,
)
