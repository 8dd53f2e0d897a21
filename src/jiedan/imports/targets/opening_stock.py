"""Opening stock: what lies where on the day one begins; once per SKU and location, ever."""

from collections.abc import Mapping, Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Phrase
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku
from jiedan.imports import cells, errors
from jiedan.imports.values import Field, Outcome, Row
from jiedan.inventory import queries as inventory_queries
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Adjustment, Location, Moved

QUANTITY_MAX = 1_000_000_000


class OpeningStock:
    """Quantities on hand, as adjustments with the reason `opening`."""

    kind = "opening-stock"
    permission = "inventory:import"
    fields: tuple[Field, ...] = (
        Field(
            "sku",
            N_("Code of the SKU"),
            ("sku code", "stockcode", "item", "商品编码", "货号", "商品編碼", "貨號", "編碼"),
            True,
        ),
        Field("quantity", N_("How many are there"), ("on hand", "qty", "stock", "数量", "库存", "數量", "庫存"), True),
        Field("location", N_("Code of the location; without it the only one"), ("warehouse", "store", "仓库", "倉庫")),
    )

    def key(self, row: Row) -> str | None:  # noqa: ARG002 - each row stands alone
        """Say that rows may be cut apart anywhere."""
        return None

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Take in the quantities; the same again is no change, another quantity for the same place is refused."""
        codes = {row.values["sku"] for row in rows if "sku" in row.values}
        skus, locations = await tx.load(catalog.sellable_skus(codes), inventory_queries.locations())
        places = {location.code: location for location in locations if location.is_active}
        outcomes: dict[int, Outcome] = {}
        adjustments: list[tuple[Row, Adjustment]] = []
        faults = cells.Faults()
        for row in rows:
            sku = faults.read(row, _sku, skus)
            place = faults.read(row, _place, places)
            quantity = faults.read(row, _quantity)
            if sku is None or place is None or quantity is None:
                outcomes[row.number] = faults.of(row)
                continue
            if quantity == 0:
                outcomes[row.number] = "unchanged"
                continue
            key = f"opening:{sku.sku_id}:{place.location_id}"
            adjustments.append((row, Adjustment(sku.sku_id, place.location_id, quantity, "opening", key)))
        if adjustments:
            moved = await inventory.adjust_many(tx, adjustments=[adjustment for _, adjustment in adjustments])
            outcomes |= {row.number: _outcome(done) for (row, _), done in zip(adjustments, moved, strict=True)}
        return [outcomes[row.number] for row in rows]


def _sku(row: Row, skus: Mapping[str, SellableSku]) -> SellableSku:
    """Return the SKU of a row. Raises CellMissing or UnknownReference."""
    found = skus.get(cells.needed(row, "sku"))
    if found is None:
        raise errors.UnknownReference("SKU", row.values["sku"], field="sku")
    return found


def _place(row: Row, places: Mapping[str, Location]) -> Location:
    """Return the location of a row, or the only one. Raises CellMissing or UnknownReference."""
    name = row.values.get("location") or (next(iter(places)) if len(places) == 1 else "")
    found = places.get(name or cells.needed(row, "location"))
    if found is None:
        raise errors.UnknownReference(Phrase("location"), name, field="location")
    return found


def _quantity(row: Row) -> int:
    """Return the quantity of a row. Raises CellMissing or CellInvalid."""
    cells.needed(row, "quantity")
    quantity = cells.integer(row, "quantity") or 0
    if not 0 <= quantity <= QUANTITY_MAX:
        raise errors.CellInvalid(
            str(quantity), Phrase("between 0 and {quantity_max}", quantity_max=QUANTITY_MAX), field="quantity"
        )
    return quantity


def _outcome(done: Moved | Refusal) -> Outcome:
    if isinstance(done, Moved):
        return "unchanged" if done.repeated else "created"
    done.field = "quantity" if done.field is None or "key" in done.field else done.field.rpartition(".")[2]
    return (done,)


OPENING_STOCK = OpeningStock()
