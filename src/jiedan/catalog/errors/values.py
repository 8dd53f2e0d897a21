"""Values of fields that are missing, too long, out of range, or no text that anybody reads."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class LimitExceeded(errors.Invalid):
    """There is too much of something."""

    code: ClassVar[str] = "limit_exceeded"
    message: ClassVar[str] = N_("{given} is more than the limit of {maximum}.")
    remedy: ClassVar[str] = N_("Send fewer or smaller ones.")

    given: int
    maximum: int


@dataclasses.dataclass(eq=False)
class ValueMissing(errors.Invalid):
    """Something that a new product, SKU or category needs is missing or empty."""

    code: ClassVar[str] = "value_missing"
    message: ClassVar[str] = N_("A value is needed here.")
    remedy: ClassVar[str] = N_("Give one.")


@dataclasses.dataclass(eq=False)
class TextTooLong(errors.Invalid):
    """A text is longer than we keep."""

    code: ClassVar[str] = "text_too_long"
    message: ClassVar[str] = N_("The text has {characters} characters; {characters_max} are kept.")
    remedy: ClassVar[str] = N_("Shorten it.")

    characters: int
    characters_max: int


@dataclasses.dataclass(eq=False)
class OutOfRange(errors.Invalid):
    """A number is outside what makes sense for its field."""

    code: ClassVar[str] = "out_of_range"
    message: ClassVar[str] = N_("{given} is not between {minimum} and {maximum}.")
    remedy: ClassVar[str] = N_("Correct the number; check its unit.")

    given: int
    minimum: int
    maximum: int


@dataclasses.dataclass(eq=False)
class Repeated(errors.Invalid):
    """The same thing stands twice where it may stand once."""

    code: ClassVar[str] = "repeated"
    message: ClassVar[str] = N_("{value} stands here twice.")
    remedy: ClassVar[str] = N_("Leave one of them out.")

    value: str


@dataclasses.dataclass(eq=False)
class CharacterRefused(errors.Invalid):
    """A text holds a control character, which no label, screen or file shows."""

    code: ClassVar[str] = "character_refused"
    message: ClassVar[str] = N_("The text contains the character {character}.")
    remedy: ClassVar[str] = N_("Remove it.")

    character: str


@dataclasses.dataclass(eq=False)
class WeightUnreadable(errors.Invalid):
    """What was typed is no weight."""

    code: ClassVar[str] = "weight_unreadable"
    message: ClassVar[str] = N_("“{text}” is no weight.")
    remedy: ClassVar[str] = N_("Write whole grams.")

    text: str
