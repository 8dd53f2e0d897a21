"""What lines say of pieces made to measure: as it is asked for, read, and kept with them. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from jiedan.base.errors import Refusal
from jiedan.orders.values import Line
from jiedan.pricing.errors import NotBespoke
from jiedan.pricing.rules import UnitRules, formulas
from jiedan.pricing.values import AttributeValue, CompiledFormula, Formula, FormulaAttribute, Said, SkuPrices
from jiedan.pricing.values.quotes import Basket

FIELD = "attributes"


class Asked(NamedTuple):
    """A measure, a choice or a text as a form asks for it, what was typed, and what is wrong with that.

    `choices` are what may be chosen, each with what it is called; `characters_max` is of a text, 0 of what is none.
    """

    name: str
    label: str
    unit: str
    choices: Mapping[str, str]
    limits: tuple[str, str]
    step: str
    typed: str
    problem: str = ""
    characters_max: int = 0
    is_required: bool = True

    @property
    def is_open(self) -> bool:
        """Whether it is still to be said."""
        return self.is_required and not self.typed


class Spoken(NamedTuple):
    """What a line says of a piece, and by the code of which formula it was asked; None for what was sold elsewhere."""

    formula: str | None
    said: tuple[Said, ...]


UNSAID = Spoken(None, ())


def said(basket: Basket, skus: Mapping[str, SkuPrices], rules: UnitRules) -> Mapping[int, Spoken]:
    """Return what the lines of a basket that was priced say, by place: defaults filled in, in the units asked for.

    What was sold elsewhere said what it said.
    """
    found: dict[int, Spoken] = {}
    for i, line in enumerate(basket.lines):
        wanted = line.wanted
        if line.as_sold is not None:
            if wanted.attributes:
                found[i] = Spoken(None, tuple([Said(name, str(value)) for name, value in wanted.attributes.items()]))
        elif rules.bespoke:
            known = skus.get(wanted.code)
            formula = rules.formula_of(wanted.code, () if known is None else known.traits)
            if formula is not None:
                read = formulas.read_attributes(formula, wanted.attributes)
                found[i] = Spoken(formula.formula.code, formulas.said(formula.formula, read))
    return found


def moved(lines: Iterable[Line], skus: Mapping[str, SkuPrices], rules: UnitRules) -> Mapping[str, str]:
    """Return by `sku:` and code which formulas priced lines whose goods come to another one now, or to none.

    A version of the rules never changes, but goods do, and other traits may lead to another formula of it.
    """
    found: dict[str, str] = {}
    for line in lines:
        if line.formula is not None and line.formula in rules.formulas:
            known = skus.get(line.code)
            now = rules.formula_of(line.code, () if known is None else known.traits)
            if now is None or now.formula.code != line.formula:
                found[f"sku:{line.code}"] = line.formula
    return found


def staying(rules: UnitRules, moved: Mapping[str, str]) -> UnitRules:
    """Return rules by which goods that `moved` stay with the formulas that priced them, where there are these.

    A formula that names the SKU itself goes before: that is what these rules say.
    """
    left = {trait: code for trait, code in moved.items() if code in rules.formulas}
    return rules._replace(bespoke={**left, **rules.bespoke}) if left else rules


def asked(traits_by_code: Mapping[str, Collection[str]], rules: UnitRules) -> dict[str, Formula]:
    """Return the formulas of SKUs that are made to measure, by code."""
    found = {code: rules.formula_of(code, traits) for code, traits in traits_by_code.items()}
    return {code: compiled.formula for code, compiled in found.items() if compiled is not None}


def read(sku: str, formula: CompiledFormula | None, given: Mapping[str, AttributeValue]) -> dict[str, str]:
    """Return what is said of a piece, checked, defaults filled in, each with its unit; nothing of other goods.

    Raises NotBespoke, and what `formulas.read_attributes` raises, at `attributes.<name>`.
    """
    if formula is None:
        if given:
            raise NotBespoke(sku, field=FIELD)
        return {}
    found = formulas.said(formula.formula, formulas.read_attributes(formula, given, field=FIELD))
    return {one.name: one.measure for one in found}


def again(sku: str, formula: CompiledFormula | None, given: Mapping[str, AttributeValue]) -> dict[str, str] | None:
    """Return what of something said before can be said of a piece now; None where it cannot be made like that any more.

    What its formula does not ask for is left out, and everything where none prices it. So is a text that was forgotten
    with its customer: nobody writes what stands for it onto another piece.
    """
    if formula is None:
        return {}
    asked_for = {
        one.name
        for one in formula.formula.attributes
        if one.text is None or not formulas.is_stand_in(str(given.get(one.name, "")))
    }
    try:
        return read(sku, formula, {name: value for name, value in given.items() if name in asked_for})
    except Refusal:
        return None


def problems_by_name(reasons: Iterable[Refusal]) -> dict[str, Refusal]:
    """Return by the names of attributes what is wrong with them, of whatever line."""
    found: dict[str, Refusal] = {}
    for reason in reasons:
        _, is_one, name = (reason.field or "").rpartition(f"{FIELD}.")
        if is_one and name:
            found.setdefault(name, reason)
    return found


def inputs(formula: Formula, typed: Mapping[str, str], problems: Mapping[str, str], *, locale: str) -> list[Asked]:
    """Return what a form asks for in a language; without anything typed, the defaults stand in it."""
    return [
        _asked(one, typed.get(one.name, one.default or ""), problems.get(one.name, ""), locale)
        for one in formula.attributes
    ]


def _asked(one: FormulaAttribute, typed: str, problem: str, locale: str) -> Asked:
    low, high, step = ["" if x is None else f"{x:f}" for x in (one.minimum, one.maximum, one.step)]
    choices = {choice: one.choice_in(choice, locale) for choice in one.choices}
    asked = Asked(one.name, one.label_in(locale), one.unit, choices, (low, high), step, typed, problem)
    if one.text is None:
        return asked
    return asked._replace(characters_max=one.text.characters_max, is_required=one.text.is_required)
