"""Formulas in words: how a price is reckoned, and what customers are asked for it."""

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values.formulas import Formula, FormulaAttribute


def formula(told: Formula, reader: Reader) -> str:
    """Return how one unit is priced, and from what."""
    currencies = {currency for constant in told.constants for currency in constant.amounts}
    currencies |= {currency for table in told.tables for row in table.rows for currency in row.amounts}
    held = [told.currency] if told.currency else sorted(currencies)
    price = N_("price in {currency}: {expression}")
    asked = reader.row(attribute(one, reader) for one in told.attributes)
    goods = reader.row(reader.name(*one.split(":", 1)) if ":" in one else one for one in told.goods)
    return reader.clauses([
        reader.say(price, currency=" / ".join(held), expression=told.expression) if held else told.expression,
        reader.say(N_("asks for {names}"), names=asked) if told.attributes else "",
        reader.say(N_("prices {goods}"), goods=goods) if told.goods else "",
    ])  # fmt: skip


def attribute(told: FormulaAttribute, reader: Reader) -> str:
    """Return what customers say: `Width from 300 to 3000 mm`, `Fabric linen / silk`, `Name of up to 20 characters`."""
    name = told.label_in(reader.locale)
    if told.text is not None:
        return reader.say(N_("{name} of up to {count} characters"), name=name, count=told.text.characters_max)
    if told.choices:
        return f"{name} {' / '.join(told.choice_in(choice, reader.locale) for choice in told.choices)}"
    limits = ["" if limit is None else f"{limit:f}" for limit in (told.minimum, told.maximum)]
    message = N_("{name} from {minimum} to {maximum} {unit}") if told.unit else N_("{name} from {minimum} to {maximum}")
    return reader.say(message, name=name, minimum=limits[0], maximum=limits[1], unit=told.unit)
