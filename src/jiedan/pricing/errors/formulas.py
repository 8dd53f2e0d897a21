"""The ways a formula is refused: when it is written, and when an order cannot be reckoned with it."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Phrase


@dataclasses.dataclass(eq=False)
class FormulaTooLarge(errors.Invalid):
    """An expression is longer, wider or deeper than the engine takes."""

    code: ClassVar[str] = "formula_too_large"
    message: ClassVar[str] = N_("The formula is too large.")
    remedy: ClassVar[str] = N_(
        "Use at most {characters_max} characters, {parts_max} parts and {levels_max} levels of parentheses."
    )

    characters_max: int
    parts_max: int
    levels_max: int


@dataclasses.dataclass(eq=False)
class FormulaUnreadable(errors.Invalid):
    """An expression is not written in the language of formulas."""

    code: ClassVar[str] = "formula_unreadable"
    message: ClassVar[str] = N_("The formula cannot be read from character {position} on: {near}")
    remedy: ClassVar[str] = N_(
        "Use numbers, names, + - * / ( ), comparisons, if … else, and the functions of formulas."
    )

    position: int
    near: str


@dataclasses.dataclass(eq=False)
class FormulaNameUnknown(errors.Invalid):
    """An expression uses a name or a function that is not there."""

    code: ClassVar[str] = "formula_name_unknown"
    message: ClassVar[str] = N_("The formula does not know {name}.")
    remedy: ClassVar[str] = N_("Add it as an attribute, a constant or a table, or use one of: {known}.")

    name: str
    known: str


@dataclasses.dataclass(eq=False)
class FormulaMisfit(errors.Invalid):
    """A part of an expression is of another kind than its place takes."""

    code: ClassVar[str] = "formula_misfit"
    message: ClassVar[str] = N_("{part} must be {wanted}.")
    remedy: ClassVar[str] = N_("Add up numbers, compare like with like, and put a condition after if, and, or, not.")

    part: str
    wanted: Phrase


@dataclasses.dataclass(eq=False)
class FormulaArguments(errors.Invalid):
    """A function of an expression is applied to too few or too many parts."""

    code: ClassVar[str] = "formula_arguments"
    message: ClassVar[str] = N_("{function} is written as {usage}.")
    remedy: ClassVar[str] = N_("Give it as many parts as it takes, with commas between.")

    function: str
    usage: str


@dataclasses.dataclass(eq=False)
class FormulaNameInvalid(errors.Invalid):
    """A name of an attribute, constant, table or step cannot be used."""

    code: ClassVar[str] = "formula_name_invalid"
    message: ClassVar[str] = N_("{name} cannot be the name of something here.")
    remedy: ClassVar[str] = N_("Use letters, digits and _, a letter first, and each name once; functions have theirs.")

    name: str


@dataclasses.dataclass(eq=False)
class FormulaWordsInvalid(errors.Invalid):
    """A word for an attribute in another language is none, or for a choice that the attribute does not have."""

    code: ClassVar[str] = "formula_words_invalid"
    message: ClassVar[str] = N_("Words of {attribute} in other languages cannot be shown.")
    remedy: ClassVar[str] = N_(
        "Name an attribute and one of its choices once, each with words of up to {label_max} characters, those of"
        " choices of up to {choice_max}, on one line and without space around them."
    )

    attribute: str
    label_max: int
    choice_max: int


@dataclasses.dataclass(eq=False)
class FormulaRangeInvalid(errors.Invalid):
    """The limits, the step, the default or the choices of an attribute contradict each other."""

    code: ClassVar[str] = "formula_range_invalid"
    message: ClassVar[str] = N_("The limits of {attribute} do not fit together.")
    remedy: ClassVar[str] = N_(
        "Give a minimum up to the maximum, a step above 0, and a default among them; or different choices alone."
    )

    attribute: str


@dataclasses.dataclass(eq=False)
class FormulaUnitUnknown(errors.Invalid):
    """An attribute is to be counted in a unit that its own cannot be turned into."""

    code: ClassVar[str] = "formula_unit_unknown"
    message: ClassVar[str] = N_("{unit} cannot be counted in {counted_in}.")
    remedy: ClassVar[str] = N_("Use units of one kind, out of: {known}.")

    unit: str
    counted_in: str
    known: str


@dataclasses.dataclass(eq=False)
class FormulaMoneyInvalid(errors.Invalid):
    """A constant or a row is neither one plain number nor money by currency."""

    code: ClassVar[str] = "formula_money_invalid"
    message: ClassVar[str] = N_("{name} needs either a number or amounts by currency.")
    remedy: ClassVar[str] = N_(
        "Give one of the two: at most 15 digits and 9 decimals, or minor units by ISO 4217 code."
    )

    name: str


@dataclasses.dataclass(eq=False)
class FormulaTableInvalid(errors.Invalid):
    """The rows of a table do not make a table."""

    code: ClassVar[str] = "formula_table_invalid"
    message: ClassVar[str] = N_("The rows of {table} do not make a table.")
    remedy: ClassVar[str] = N_("Begin each band with a higher number than the last, and write each choice once.")

    table: str


@dataclasses.dataclass(eq=False)
class FormulaCurrencyMissing(errors.Invalid):
    """A formula is not said to be in any currency."""

    code: ClassVar[str] = "formula_currency_missing"
    message: ClassVar[str] = N_("The formula has no currency that all its amounts have.")
    remedy: ClassVar[str] = N_("Give the formula a currency, or every constant and row of money the same currencies.")


@dataclasses.dataclass(eq=False)
class FormulaListTooLong(errors.Invalid):
    """A formula has more attributes, choices, constants, tables or rows than the engine takes."""

    code: ClassVar[str] = "formula_list_too_long"
    message: ClassVar[str] = N_("There are {count}, and {most} at most.")
    remedy: ClassVar[str] = N_("Leave some out, or make two formulas.")

    count: int
    most: int


@dataclasses.dataclass(eq=False)
class FormulaFails(errors.Invalid):
    """A formula has no price for an order that its attributes allow; the order is named."""

    code: ClassVar[str] = "formula_fails"
    message: ClassVar[str] = N_("With {order} there is no price in {currency}: {why}")
    remedy: ClassVar[str] = N_("Change the formula, or narrow the limits of its attributes.")

    order: str
    currency: str
    why: str


@dataclasses.dataclass(eq=False)
class AttributeMissing(errors.Invalid):
    """An order leaves out an attribute that its formula needs."""

    code: ClassVar[str] = "attribute_missing"
    message: ClassVar[str] = N_("{attribute} is missing.")
    remedy: ClassVar[str] = N_("Give it: the price is reckoned from it.")

    attribute: str


@dataclasses.dataclass(eq=False)
class AttributeUnknown(errors.Invalid):
    """An order gives an attribute that its formula does not know."""

    code: ClassVar[str] = "attribute_unknown"
    message: ClassVar[str] = N_("{attribute} is not asked for here.")
    remedy: ClassVar[str] = N_("Leave it out, or check how it is written.")

    attribute: str


@dataclasses.dataclass(eq=False)
class AttributeUnitWrong(errors.Invalid):
    """A number is given in a unit that the attribute's own cannot be made of."""

    code: ClassVar[str] = "attribute_unit_wrong"
    message: ClassVar[str] = N_("{attribute} cannot be given in {unit}.")
    remedy: ClassVar[str] = N_("Give it in one of: {units}.")

    attribute: str
    unit: str
    units: str


@dataclasses.dataclass(eq=False)
class NotBespoke(errors.Invalid):
    """An order gives attributes of a SKU that is not made to measure."""

    code: ClassVar[str] = "not_bespoke"
    message: ClassVar[str] = N_("{sku} is not made to measure.")
    remedy: ClassVar[str] = N_("Leave out its attributes.")

    sku: str


@dataclasses.dataclass(eq=False)
class FormulaGoodsInvalid(errors.Invalid):
    """A formula names what it prices by something else than a SKU or a product."""

    code: ClassVar[str] = "formula_goods_invalid"
    message: ClassVar[str] = N_("{trait} is neither a SKU nor a product.")
    remedy: ClassVar[str] = N_("Name goods as sku: or product: and their code.")

    trait: str


@dataclasses.dataclass(eq=False)
class FormulaGoodsTaken(errors.Invalid):
    """The same goods are priced by two formulas, or named twice by one."""

    code: ClassVar[str] = "formula_goods_taken"
    message: ClassVar[str] = N_("{trait} is priced by the formula {formula} already.")
    remedy: ClassVar[str] = N_("Name it in one of them, once.")

    trait: str
    formula: str


@dataclasses.dataclass(eq=False)
class AttributeOutOfRange(errors.Invalid):
    """A number is outside the limits of its attribute."""

    code: ClassVar[str] = "attribute_out_of_range"
    message: ClassVar[str] = N_("{attribute} must be a number from {minimum} to {maximum}.")
    remedy: ClassVar[str] = N_("Write it in digits, with a point before decimals, within these limits.")

    attribute: str
    minimum: str
    maximum: str


@dataclasses.dataclass(eq=False)
class AttributeOffStep(errors.Invalid):
    """A number is between two steps of its attribute."""

    code: ClassVar[str] = "attribute_off_step"
    message: ClassVar[str] = N_("{attribute} goes up from {minimum} in steps of {step}.")
    remedy: ClassVar[str] = N_("Take the nearest: {below} or {above}.")

    attribute: str
    minimum: str
    step: str
    below: str
    above: str


@dataclasses.dataclass(eq=False)
class AttributeNotAChoice(errors.Invalid):
    """A text is none of the choices of its attribute."""

    code: ClassVar[str] = "attribute_not_a_choice"
    message: ClassVar[str] = N_("{attribute} must be one of: {choices}.")
    remedy: ClassVar[str] = N_("Write the choice as it stands there.")

    attribute: str
    choices: str


@dataclasses.dataclass(eq=False)
class FormulaDividesByZero(errors.Invalid):
    """With the attributes given, the formula divides by nothing."""

    code: ClassVar[str] = "formula_divides_by_zero"
    message: ClassVar[str] = N_("{part} is 0 here, and nothing can be divided by 0.")
    remedy: ClassVar[str] = N_("Change {attributes}.")

    part: str
    attributes: str


@dataclasses.dataclass(eq=False)
class FormulaOverflow(errors.Invalid):
    """With the attributes given, a value is beyond what prices are made of."""

    code: ClassVar[str] = "formula_overflow"
    message: ClassVar[str] = N_("{part} is too large here.")
    remedy: ClassVar[str] = N_("Change {attributes}.")

    part: str
    attributes: str


@dataclasses.dataclass(eq=False)
class FormulaBelowZero(errors.Invalid):
    """With the attributes given, the price would be negative."""

    code: ClassVar[str] = "formula_below_zero"
    message: ClassVar[str] = N_("The price would be below 0 here: {result}")
    remedy: ClassVar[str] = N_("Change {attributes}.")

    result: str
    attributes: str


@dataclasses.dataclass(eq=False)
class FormulaOffTable(errors.Invalid):
    """With the attributes given, a table has no row for what is looked up."""

    code: ClassVar[str] = "formula_off_table"
    message: ClassVar[str] = N_("{table} has no row for {key}.")
    remedy: ClassVar[str] = N_("Change {attributes}.")

    table: str
    key: str
    attributes: str
