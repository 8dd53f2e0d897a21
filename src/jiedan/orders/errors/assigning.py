"""The ways giving an order to somebody is refused."""

import dataclasses
from typing import ClassVar
from uuid import UUID

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class AssigneeUnknown(errors.Invalid):
    """An order is to be given to somebody who is none of the staff, has left, or may not see orders."""

    code: ClassVar[str] = "assignee_unknown"
    message: ClassVar[str] = N_("Nobody with the id {assignee_id} works here who can look after orders.")
    remedy: ClassVar[str] = N_("Choose one of the staff who can sign in and may see orders.")

    assignee_id: UUID
