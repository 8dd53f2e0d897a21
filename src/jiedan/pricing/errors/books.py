"""The ways pricing refuses a rule book."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class RuleCodeTaken(errors.Invalid):
    """Two rules of one kind have the same code."""

    code: ClassVar[str] = "rule_code_taken"
    message: ClassVar[str] = N_("Another rule has the code {rule} already.")
    remedy: ClassVar[str] = N_("Choose a code of its own.")

    rule: str


@dataclasses.dataclass(eq=False)
class FormulaUnknown(errors.Invalid):
    """A shipping tariff names a formula that does not exist."""

    code: ClassVar[str] = "formula_unknown"
    message: ClassVar[str] = N_("There is no formula {formula}.")
    remedy: ClassVar[str] = N_("Write the formula first, or choose another tariff.")

    formula: str
