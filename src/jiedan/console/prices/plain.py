"""Rules of plain fields: their form, what it means, and how a rule is written back. Pure."""

from typing import Any

import msgspec

from jiedan.base import money
from jiedan.base.web.forms import FieldRequired
from jiedan.console import amounts
from jiedan.console.prices import people, typed
from jiedan.console.prices.examples import RuleForm, rule_form
from jiedan.console.prices.kinds import TYPES, Input, RuleType
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values import drafts
from jiedan.pricing.values.lists import LIST_SCOPES_MAX

FLAGS = {asked.name for of in TYPES.values() for asked in of.inputs if asked.kind == "flag"}
PEOPLE = {asked.name for of in TYPES.values() for asked in of.inputs if asked.kind == "people"}
TEXTS = {asked.name for of in TYPES.values() for asked in of.inputs} - FLAGS - PEOPLE

PlainForm = rule_form(
    "PlainForm",
    texts=sorted({*TEXTS, people.TYPED}),
    flags=sorted(FLAGS),
    columns=sorted(PEOPLE),
    rows_max=LIST_SCOPES_MAX,
    base=RuleForm,
)
"""A rule of plain fields, with every input of every kind; which of them count is its kind's business."""


def body_of(of: RuleType, sent: RuleForm, reading: Reading, old: drafts.Rule | None) -> drafts.Rule:
    """Return the rule that the form means; fields that the form does not have stay as they were.

    Raises Rejections naming every input that cannot be read.
    """
    currency = _currency(getattr(sent, "code", ""), reading.how)
    told = {asked.name: _read(asked, getattr(sent, asked.name), reading, currency) for asked in of.inputs}
    known = {name: value for name, value in told.items() if value is not None and value != ""}
    if old is not None:
        known |= {name: getattr(old, name) for name in old.__struct_fields__ if name not in told}
    wrong = {reason.field for reason in reading.reasons}
    for field in msgspec.structs.fields(drafts.RULE_TYPES[of.kind]):
        if field.required and field.name not in known and field.name not in wrong:
            reading.reasons.append(FieldRequired(field=field.name))
    reading.finish()
    fields = drafts.RULE_TYPES[of.kind].__struct_fields__
    return drafts.RULE_TYPES[of.kind](**{name: value for name, value in known.items() if name in fields})


def _currency(code: str, how: Typing) -> str:
    """Return the currency of amounts where a rule's code names it, else the merchant's."""
    return code.upper() if money.is_currency(code.upper()) else how.currency


def _read(asked: Input, text: Any, reading: Reading, currency: str) -> Any:
    if isinstance(text, bool):
        return text
    match asked.kind:
        case "rate":
            return reading.rate(text, asked.name) if text else None
        case "amount":
            return reading.amount(text, currency, asked.name)
        case "amounts":
            return reading.amounts(text, asked.name)
        case "codes":
            return typed.texts(text)
        case "people":
            return typed.texts(",".join(text))
        case "moment":
            return reading.moment(text, asked.name)
        case "count":
            return reading.count(text, asked.name)
        case "country" | "currency":
            return text.upper()
        case "choice":
            return text if text in {value for value, _ in asked.choices} else asked.choices[0][0]
        case _:
            return text


def raw_of(of: RuleType, rule: drafts.DraftRule, how: Typing) -> dict[str, list[str]]:
    """Return what the form says of a rule; a code that its body does not have is the rule's own."""
    currency = _currency(rule.code, how)
    found = {
        asked.name: _typed(asked, getattr(rule.body, asked.name, rule.code), how, currency)
        for asked in of.inputs
        if asked.kind != "people"
    }
    many = {asked.name: list(getattr(rule.body, asked.name)) for asked in of.inputs if asked.kind == "people"}
    return {**{name: [text] for name, text in found.items() if text}, **many}


def _typed(asked: Input, value: Any, how: Typing, currency: str) -> str:
    if value is None:
        return ""
    match asked.kind:
        case "rate":
            return typed.rate_typed(value)
        case "amount":
            return amounts.written(value, currency)
        case "amounts":
            return typed.amounts_typed(value, how)
        case "codes":
            return typed.listed(value)
        case "moment":
            return typed.moment_typed(value, how)
        case "flag":
            return "1" if value else ""
        case _:
            return str(value)
