"""`jiedan import olist FOLDER`: the public set of a marketplace, whole, and the proof that all of it came in."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from jiedan.base import failures, garbage
from jiedan.base.i18n import N_
from jiedan.base.money import decimal_amount
from jiedan.cli import merchant as merchants
from jiedan.cli import output, runtime
from jiedan.imports.presets.olist import files, whole
from jiedan.imports.presets.olist.report import Measure, Report

KIND = "olist"
"""What is imported, as the command spells it."""

_STAGES: Mapping[str, str] = {
    whole.READING: N_("Reading the files"),
    "sellers": N_("Categories and locations"),
    "goods": N_("Products, customers and postal areas"),
    "openings": N_("Opening stock"),
    "orders": N_("Orders"),
    whole.COMPARING: N_("Comparing"),
}
_HEADINGS = {
    "measure": N_("Total"),
    "files": N_("Files"),
    "stored": N_("Stored"),
    "equal": N_("Equal"),
}
_DIRT_HEADINGS = {**_HEADINGS, "measure": N_("What is odd")}
_NAMES: Mapping[str, str] = {
    "orders": N_("Orders"),
    "delivered": N_("Delivered"),
    "shipped": N_("Shipped"),
    "canceled": N_("Canceled"),
    "unavailable": N_("Goods unavailable"),
    "paid_and_open": N_("Paid, not sent"),
    "unpaid_and_open": N_("Not paid"),
    "orders_with_items": N_("Orders with items"),
    "items": N_("Items"),
    "price": N_("Price of the items"),
    "freight": N_("Freight"),
    "orders_with_payments": N_("Orders with payments"),
    "payments": N_("Payments"),
    "paid": N_("Paid"),
    "paid_by_boleto": N_("Paid by boleto"),
    "paid_by_credit_card": N_("Paid by credit card"),
    "paid_by_debit_card": N_("Paid by debit card"),
    "paid_by_not_defined": N_("Payment method unknown"),
    "paid_by_voucher": N_("Paid by voucher"),
    "customers": N_("Customers, one for each order"),
    "people": N_("People"),
    "products": N_("Products"),
    "sellers": N_("Sellers"),
    "places": N_("Postal prefixes with a coordinate"),
    "translations": N_("Categories with a translation"),
    "reviews": N_("Reviews, not kept yet"),
    "without_items": N_("Orders without items"),
    "delivered_without_payment": N_("Delivered, without payment"),
    "paid_in_several_parts": N_("Paid in several parts"),
    "split_over_sellers": N_("From several sellers"),
    "payment_differs": N_("Paid more or less than ordered"),
    "payment_differs_by_more_than_a_centavo": N_("Paid more or less by over 0.01"),
    "delivered_without_date": N_("Delivered, date unknown"),
    "delivered_never_approved": N_("Delivered, never approved"),
    "handed_over_before_approval": N_("Handed over before approval"),
    "delivered_before_hand_over": N_("Delivered before the hand-over"),
    "handed_over_before_purchase": N_("Handed over before the purchase"),
    "canceled_yet_delivered": N_("Canceled, yet delivered"),
    "canceled_after_hand_over": N_("Canceled after it was handed over"),
    "payments_of_nothing": N_("Payments of 0.00"),
    "prefixes_mended": N_("Postal prefixes that had lost a zero"),
    "sellers_by_mended_prefix": N_("Sellers found by one of them"),
    "customers_by_mended_prefix": N_("Customers found by one of them"),
    "sellers_without_coordinate": N_("Sellers without a coordinate"),
    "customers_without_coordinate": N_("Customers without a coordinate"),
}
_WHOLE = N_("Everything in the files is stored.")
_NOT_WHOLE = N_("The files and what is stored differ.")
_YES, _NO = N_("yes"), N_("no")


@dataclasses.dataclass(eq=False)
class NotWithFolder(failures.Failure):
    """An option was given that the import of a folder does not have."""

    message: ClassVar[str] = N_("{option} has no meaning for a folder, which is imported whole.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    option: str


async def import_folder(folder: Path, merchant: str | None, options: Mapping[str, object]) -> int:
    """Import the set, print what is stored of it, and return 1 when a total differs.

    Raises NotWithFolder for the first of `options`, by name, that has a value: a folder is imported whole.
    """
    for option, value in options.items():
        if value:
            raise NotWithFolder(option=f"--{option}")
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        read = await whole.read(jiedan.database, scope, folder, shown=_shown)
        garbage.look_seldom(garbage.WORKING)  # the files stay to the end: looking through them took a fifth of the time
        found = await whole.bring_in(jiedan.database, scope, read, shown=_shown)
    if output.is_json():
        output.result(_as_json(found))
    else:
        output.table([_row(measure) for measure in found.totals], _HEADINGS)
        output.table([_row(measure) for measure in found.dirt], _DIRT_HEADINGS)
        output.tell(_WHOLE if found.is_whole else _NOT_WHOLE)
    return 0 if found.is_whole else failures.EXIT_FAILURE


@contextmanager
def _shown(stage: str, total: int | None) -> Iterator[files.Progress]:
    with output.progress(_STAGES[stage], total=total) as advance:
        yield advance


def _as_json(found: Report) -> dict[str, object]:
    return {"is_whole": found.is_whole, "totals": _by_name(found.totals), "dirt": _by_name(found.dirt)}


def _by_name(measures: Sequence[Measure]) -> dict[str, object]:
    return {x.name: {"files": x.told, "stored": x.stored, "is_equal": x.is_equal} for x in measures}


def _row(measure: Measure) -> dict[str, object]:
    name = _NAMES.get(measure.name)
    return {
        "measure": measure.name if name is None else output.translated(name),
        "files": _number(measure.told, is_amount=measure.is_amount),
        "stored": "" if measure.stored is None else _number(measure.stored, is_amount=measure.is_amount),
        "equal": "" if measure.stored is None else output.translated(_YES if measure.is_equal else _NO),
    }


def _number(value: int, *, is_amount: bool) -> str:
    return f"{decimal_amount(value, files.CURRENCY):,}" if is_amount else f"{value:,}"
