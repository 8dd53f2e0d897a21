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


@dataclasses.dataclass(eq=False)
class RuleNotChanged(errors.Invalid):
    """What is to be published alone says what the last version says."""

    code: ClassVar[str] = "rule_not_changed"
    message: ClassVar[str] = N_("{rule} is no change of the draft.")
    remedy: ClassVar[str] = N_("Look at the changes again, and choose among them.")

    rule: str


@dataclasses.dataclass(eq=False)
class NoRuleChosen(errors.Invalid):
    """Some rules were to be published, and none was chosen."""

    code: ClassVar[str] = "no_rule_chosen"
    message: ClassVar[str] = N_("No change is chosen.")
    remedy: ClassVar[str] = N_("Choose what is to be published, or publish all.")


@dataclasses.dataclass(eq=False)
class RuleWaits(errors.Conflict):
    """A rule is to be published before a version that waits, and that version changes it too."""

    code: ClassVar[str] = "rule_waits"
    message: ClassVar[str] = N_("Version {version} of the price rules begins later and changes {rule} too.")
    remedy: ClassVar[str] = N_("Let the new one begin after it, or take version {version} back first.")

    version: int
    rule: str
