"""Why a unit costs what it costs, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_
from jiedan.catalog.rules import quantities
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values.conversion import Converted
from jiedan.pricing.values.formulas import FormulaTrace
from jiedan.pricing.values.lists import ListTrace, WonBy
from jiedan.pricing.values.units import SurchargeTrace, UnitSource, UnitTrace

SOURCES: Mapping[UnitSource, str] = MappingProxyType(
    {
        "list": N_("price list {name}"),
        "contract": N_("contract {name}"),
        "catalog": N_("price of the catalog"),
        "formula": N_("formula {name}"),
        "manual": N_("price by hand"),
        "as_sold": N_("as it was sold"),
    }
)

WON_BY: Mapping[WonBy, str] = MappingProxyType(
    {
        "": "",
        "list": N_("a list goes before the catalog"),
        "contract": N_("a contract goes before {name}"),
        "priority": N_("goes before {name} by priority"),
        "particular": N_("is more particular than {name}"),
        "price": N_("is lower than {name}"),
        "code": N_("comes before {name} by its code"),
    }
)
"""Why a list went before the next one."""


def unit(trace: UnitTrace, currency: str, reader: Reader) -> str:
    """Return where the price of a unit comes from, and what was added and why."""
    return reader.clauses([
        source(trace, currency, reader),
        *[surcharge(one, currency, reader) for one in trace.surcharges],
        quantities.in_words(trace.quantities, reader.locale),
    ])  # fmt: skip


def source(trace: UnitTrace, currency: str, reader: Reader) -> str:
    """Return where the price of a unit comes from, before anything is added."""
    formula = trace.formula.formula if trace.formula is not None else ""
    name = trace.listed.list_code if trace.listed is not None else formula
    return reader.clauses([
        reader.say(SOURCES[trace.source], name=name),
        trace.reason,
        _reckoned(trace.formula) if trace.formula is not None else "",
        *(_listed(trace.listed, trace, currency, reader) if trace.listed is not None else ()),
        converted(trace.converted, reader) if trace.converted is not None else "",
    ])  # fmt: skip


def _reckoned(told: FormulaTrace) -> str:
    """Return what a formula was given, and what came out in between: `width = 2.4, area = 4.5`; each by name.

    A trace that was stored has lost their order.
    """
    pairs = (*sorted(told.attributes.items()), *sorted(told.steps.items()))
    return ", ".join(f"{name} = {value}" for name, value in pairs)


def surcharge(trace: SurchargeTrace, currency: str, reader: Reader) -> str:
    """Return what an option added."""
    sign = "−" if trace.amount_minor < 0 else "+"
    amount = f"{sign}{reader.money(abs(trace.amount_minor), currency)}"
    return reader.say(N_("{what}: {amount}"), what=added(trace), amount=amount)


def added(trace: SurchargeTrace) -> str:
    """Return for what a surcharge was added: the option and its choice, or else its code."""
    return " ".join(part for part in (trace.option, trace.value) if part) or trace.code


def converted(told: Converted, reader: Reader) -> str:
    """Return by which rate of which day a price was converted."""
    return reader.say(
        N_("converted from {amount} at {rate} of {day}"),
        amount=reader.money(told.unit_minor, told.currency),
        rate=f"1/{told.rate}" if told.is_inverse else told.rate,
        day=reader.moment(told.rate_from),
    )


def _listed(told: ListTrace, trace: UnitTrace, currency: str, reader: Reader) -> tuple[str, ...]:
    won = WON_BY[told.won_by]
    following = told.next_tier
    return (
        reader.say(won, name=told.next_list or reader.say(N_("the catalog"))) if won else "",
        reader.say(N_("tier from {count} on, {counted} in the cart"), count=told.tier_from, counted=trace.counted)
        if told.tier_from > 1
        else "",
        reader.say(N_("further tiers take {amount} off"), amount=reader.money(trace.tier_off_minor, currency))
        if trace.tier_off_minor
        else "",
        reader.say(
            N_("{count} more, and a unit costs {amount}"),
            count=following.more,
            amount=reader.money(following.unit_minor, currency),
        )
        if following is not None
        else "",
    )
