"""Parity: whether everything a file tells of is placed, canceled or reported, to the last penny. Pure."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from jiedan.imports.presets.online_retail import CANCEL_PREFIX, InvoiceLine
from jiedan.orders.queries import Totals


class Measure(NamedTuple):
    """One total of the file, and where it went; units and amounts are net of what was canceled."""

    name: str
    file: int
    placed: int
    canceled: int
    reported: int

    @property
    def difference(self) -> int:
        """What is missing (above zero) or too much; zero when all is accounted for."""
        return self.file - self.placed - self.canceled - self.reported


class Parity(NamedTuple):
    """The totals of a file and where they went, amounts in minor units; `reasons` counts what was reported by code."""

    measures: tuple[Measure, ...]
    reasons: dict[str, int]

    @property
    def is_whole(self) -> bool:
        """Whether everything is accounted for."""
        return not any(measure.difference for measure in self.measures)


def parity(
    lines: Sequence[InvoiceLine],
    stored: Totals,
    canceled_rows: Collection[tuple[str, int]],
    reported: Collection[tuple[int, str]],
) -> Parity:
    """Compare a file with what is stored of it.

    `stored` are its orders, `canceled_rows` the (invoice, place) of cancellation rows that took effect, `reported` the
    (row, code) of each row that did not come in.
    """
    rows_out = {row for row, _ in reported}
    out = [line for line in lines if line.row in rows_out]
    merged = _merged([line for line in lines if line.row not in rows_out])
    documents_in = {line.invoice for line in lines if line.row not in rows_out}
    canceled_documents = {document for document, _ in canceled_rows}
    codes = [code for _, code in reported]
    return Parity(
        (
            Measure(
                "invoices",
                len({line.invoice for line in lines}),
                stored.orders,
                len(canceled_documents),
                len({line.invoice for line in out} - documents_in),
            ),
            Measure("lines", len(lines), stored.lines + merged, len(canceled_rows), len(out)),
            Measure(
                "units",
                sum(line.quantity for line in lines),
                stored.units,
                -stored.canceled_units,
                sum(line.quantity for line in out),
            ),
            Measure(
                "amount",
                sum(line.amount_minor for line in lines),
                stored.amount_minor,
                -stored.canceled_minor,
                sum(line.amount_minor for line in out),
            ),
        ),
        {code: codes.count(code) for code in sorted(set(codes))},
    )


def _merged(lines: Sequence[InvoiceLine]) -> int:
    """Return how many lines were added up to another one of the same invoice, SKU and price."""
    sold = [line for line in lines if not line.invoice.startswith(CANCEL_PREFIX)]
    return len(sold) - len({(line.invoice, line.code, line.price_minor) for line in sold})
