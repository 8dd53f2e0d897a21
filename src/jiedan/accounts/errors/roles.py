"""Refusals about roles and permissions."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class RoleNotFound(errors.NotFound):
    """This merchant has no such role."""

    code: ClassVar[str] = "role_not_found"
    message: ClassVar[str] = N_("There is no such role.")


@dataclasses.dataclass(eq=False)
class RoleCodeTaken(errors.Conflict):
    """Another role has the code."""

    code: ClassVar[str] = "role_code_taken"
    message: ClassVar[str] = N_("There is a role with the code {role} already.")
    remedy: ClassVar[str] = N_("Choose another one.")

    role: str


@dataclasses.dataclass(eq=False)
class RoleInUse(errors.Conflict):
    """Somebody has the role, so it cannot be removed."""

    code: ClassVar[str] = "role_in_use"
    message: ClassVar[str] = N_("{count} people have this role.")
    remedy: ClassVar[str] = N_("Give them another role first.")

    count: int


@dataclasses.dataclass(eq=False)
class OwnerRoleFixed(errors.Conflict):
    """The owner's role may do everything, always."""

    code: ClassVar[str] = "owner_role_fixed"
    message: ClassVar[str] = N_("The owner's role may do everything; it cannot be changed or removed.")
    remedy: ClassVar[str] = N_("Make a role of your own for people who may do less.")


@dataclasses.dataclass(eq=False)
class RoleCodeInvalid(errors.Invalid):
    """A role's code has characters it cannot have."""

    code: ClassVar[str] = "role_code_invalid"
    message: ClassVar[str] = N_("The code {role} is not valid.")
    remedy: ClassVar[str] = N_("Use 2 to 40 lower-case letters, digits and underscores, beginning with a letter.")

    role: str


@dataclasses.dataclass(eq=False)
class PermissionUnknown(errors.Invalid):
    """There is no such permission."""

    code: ClassVar[str] = "permission_unknown"
    message: ClassVar[str] = N_("There is no permission {permission}.")
    remedy: ClassVar[str] = N_("GET /api/v1/permissions lists them.")

    permission: str


@dataclasses.dataclass(eq=False)
class PermissionNotHeld(errors.Forbidden):
    """The caller cannot give, or act upon somebody who has, what the caller does not have."""

    code: ClassVar[str] = "permission_not_held"
    message: ClassVar[str] = N_("This needs permissions that you do not have: {permissions}.")
    remedy: ClassVar[str] = N_("Ask an owner of the merchant to do it.")

    permissions: str
