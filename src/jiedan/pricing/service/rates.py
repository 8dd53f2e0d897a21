"""Set plain tax rates and flat shipping fees in one step: written into the draft, and published by themselves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, queries, rules, values
from jiedan.pricing.errors import drafts as draft_errors
from jiedan.pricing.rules import drafts, flat
from jiedan.pricing.service import writing
from jiedan.pricing.values.drafts import RuleKey, RuleKind, Written, WrittenRule

TAX_CLASS_CHARACTERS_MAX = 40
COUNTRY_CHARACTERS = 2


class TaxRateRow(NamedTuple):
    """A tax rate to set; `rate_ppm` None removes it."""

    country: str
    tax_class: str
    rate_ppm: int | None


class ShippingFeeRow(NamedTuple):
    """A flat shipping fee to set, in minor units of `currency`."""

    currency: str
    fee_minor: int
    free_from_minor: int | None = None
    tax_class: str = "standard"


async def set_tax_rates(tx: Tx, *, rows: Sequence[TaxRateRow]) -> int:
    """Set or remove tax rates and return the version then, a new one where something changed.

    What else is written in the draft stays there. Raises CannotPrice naming each bad row, or PriceBookWaits.
    """
    _refuse([_tax_rate_problem(row, i) for i, row in enumerate(rows)])
    keep = {(r.country, r.tax_class): r.rate_ppm for r in rows if r.rate_ppm is not None}
    drop = {(r.country, r.tax_class) for r in rows if r.rate_ppm is None} - set(keep)

    def changed(before: Written) -> Written:
        gone = {_key("tax_rate", rate) for rate in rules.flat_rates(dict.fromkeys(drop, 0))}
        put = {_key("tax_rate", rate): rate for rate in rules.flat_rates(keep)}
        return _with(before, gone, put)

    return await _publish(tx, "tax_rate", changed)


async def set_shipping_fees(tx: Tx, *, rows: Sequence[ShippingFeeRow]) -> int:
    """Set flat shipping fees by currency and return the version then, a new one where something changed.

    What else is written in the draft stays there. Raises CannotPrice naming each bad row, MethodNotFlat where the
    method `standard` is more than fees by currency, or PriceBookWaits.
    """
    _refuse([_shipping_fee_problem(row, i) for i, row in enumerate(rows)])
    wanted = {r.currency: values.FlatShipping(r.fee_minor, r.free_from_minor, r.tax_class) for r in rows}

    def changed(before: Written) -> Written:
        fees: dict[str, values.FlatShipping] = {}
        flat_keys = set()
        for key, rule in before.items():
            if isinstance(rule.body, values.ShippingMethod) and flat.is_flat_code(key.code):
                found = flat.fees_of(rule.body)
                if found is None:
                    raise draft_errors.MethodNotFlat(key.code)
                fees |= found
                flat_keys.add(key)
        put = {_key("shipping_method", method): method for method in rules.flat_methods(fees | wanted)}
        return _with(before, flat_keys - put.keys(), put)

    return await _publish(tx, "shipping_method", changed)


async def _publish(tx: Tx, kind: RuleKind, changed: Callable[[Written], Written]) -> int:
    """Publish the newest book with one change, and change the draft alike; nothing where nothing changes."""
    await writing.claim(tx)
    last, written = await tx.load(queries.last_book(), queries.draft_rules())
    before = {} if last is None else drafts.parts_of(last.book, last.examples)
    after = changed(before)
    if drafts.changes(before, after):
        if last is not None and last.brief.waits(tx.now):
            raise draft_errors.PriceBookWaits(last.brief.version)
        version = await writing.write_book(tx, after, kinds=(kind,))
    else:
        version = 0 if last is None else last.brief.version
    draft = queries.written(written)
    await writing.follow(tx, draft, changed(draft))
    return version


def _key(kind: RuleKind, body: values.TaxRate | values.ShippingMethod) -> RuleKey:
    return RuleKey(kind, drafts.code_of(kind, body))


def _with(
    before: Written, gone: Iterable[RuleKey], put: Mapping[RuleKey, values.TaxRate | values.ShippingMethod]
) -> Written:
    """Return rules without some and with others; those that were there keep their examples."""
    after = {key: rule for key, rule in before.items() if key not in set(gone)}
    for key, body in put.items():
        after[key] = WrittenRule(body, before[key].examples if key in before else ())
    return after


def _refuse(problems: Sequence[Refusal | None]) -> None:
    reasons = tuple(problem for problem in problems if problem is not None)
    if reasons:
        raise errors.CannotPrice(reasons)


def _tax_rate_problem(row: TaxRateRow, i: int) -> Refusal | None:
    is_country = len(row.country) == COUNTRY_CHARACTERS and row.country.isascii() and row.country.isupper()
    fine = (
        (is_country or row.country == values.ANY_COUNTRY)
        and 0 < len(row.tax_class) <= TAX_CLASS_CHARACTERS_MAX
        and (row.rate_ppm is None or 0 <= row.rate_ppm <= values.RATE_PPM_MAX)
    )
    return None if fine else errors.TaxRateInvalid(row.country, row.tax_class, field=f"tax_rates[{i}]")


def _shipping_fee_problem(row: ShippingFeeRow, i: int) -> Refusal | None:
    amounts = (row.fee_minor, row.free_from_minor or 0)
    fine = money.is_currency(row.currency) and all(0 <= a <= money.AMOUNT_MINOR_MAX for a in amounts)
    return None if fine else errors.ShippingFeeInvalid(row.currency, field=f"shipping_fees[{i}]")
