"""The ways comments on orders are refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CommentEmpty(errors.Invalid):
    """A comment says nothing, or too much."""

    code: ClassVar[str] = "comment_empty"
    message: ClassVar[str] = N_("A comment has 1 to {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write what the others should know.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class UnknownColleague(errors.Invalid):
    """Somebody is mentioned who is none of the staff, or is not at work any more."""

    code: ClassVar[str] = "unknown_colleague"
    message: ClassVar[str] = N_("There is nobody {staff} among the staff who are at work.")
    remedy: ClassVar[str] = N_("Mention somebody from the list of staff.")

    staff: str


@dataclasses.dataclass(eq=False)
class TooManyMentions(errors.Invalid):
    """A comment calls more people than one may."""

    code: ClassVar[str] = "too_many_mentions"
    message: ClassVar[str] = N_("A comment may mention {mentions_max} people, this one mentions {mentions}.")
    remedy: ClassVar[str] = N_("Mention those who have to act.")

    mentions: int
    mentions_max: int
