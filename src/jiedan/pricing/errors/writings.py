"""The ways texts that customers write are refused: as a formula asks for them, and as they are written."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class FormulaTextInvalid(errors.Invalid):
    """A text is asked for with a length that is none, or with what belongs to numbers and choices."""

    code: ClassVar[str] = "formula_text_invalid"
    message: ClassVar[str] = N_("{attribute} cannot be a text like this.")
    remedy: ClassVar[str] = N_(
        "Give a text 1 to {characters_max} characters, and neither unit, limits, step, choices nor a default."
    )

    attribute: str
    characters_max: int


@dataclasses.dataclass(eq=False)
class AttributeTextTooLong(errors.Invalid):
    """A text has more characters than there is room for."""

    code: ClassVar[str] = "attribute_text_too_long"
    message: ClassVar[str] = N_("{attribute} has room for {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write it shorter; spaces count here.")

    attribute: str
    characters_max: int


@dataclasses.dataclass(eq=False)
class AttributeTextInvalid(errors.Invalid):
    """A text has a break of the line or another character that is not seen, or nothing that is."""

    code: ClassVar[str] = "attribute_text_invalid"
    message: ClassVar[str] = N_("{attribute} has characters that cannot be written.")
    remedy: ClassVar[str] = N_("Write it on one line, in letters, digits, signs and spaces.")

    attribute: str
