"""Say that somebody takes orders out."""

from jiedan.base.db import Tx
from jiedan.exports.events import OrdersExported
from jiedan.exports.values import ExportId, FileFormat, Rows
from jiedan.orders.rules import ranges
from jiedan.orders.values.lists import OrderFilter, given


async def record_export(tx: Tx, *, rows: Rows, file_format: FileFormat, filters: OrderFilter) -> ExportId:
    """Record an export before its first row is read: who, what, and by which filters.

    Raises Rejections of RangeReversed.
    """
    ranges.check(filters, place="filters.")
    export_id = ExportId(tx.new_id())
    tx.emit(OrdersExported(export_id=export_id, rows=rows, format=file_format, filters=tuple(sorted(given(filters)))))
    return export_id
