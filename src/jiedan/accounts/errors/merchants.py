"""Refusals about merchants and their slugs."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class MerchantNotFound(errors.NotFound):
    """No merchant of this installation has that slug or id."""

    code: ClassVar[str] = "merchant_not_found"
    message: ClassVar[str] = N_("There is no such merchant.")


@dataclasses.dataclass(eq=False)
class MerchantUnknown(errors.NotFound):
    """A command names a merchant that this installation does not have."""

    code: ClassVar[str] = "merchant_unknown"
    message: ClassVar[str] = N_("There is no merchant {slug}.")
    remedy: ClassVar[str] = N_("`jiedan merchant list` shows all.")

    slug: str


@dataclasses.dataclass(eq=False)
class SlugTaken(errors.Conflict):
    """Another merchant of this installation has the slug."""

    code: ClassVar[str] = "slug_taken"
    message: ClassVar[str] = N_("The slug {slug} is taken.")
    remedy: ClassVar[str] = N_("Choose another one.")

    slug: str


@dataclasses.dataclass(eq=False)
class SlugInvalid(errors.Invalid):
    """A slug has characters or a length it cannot have."""

    code: ClassVar[str] = "slug_invalid"
    message: ClassVar[str] = N_("The slug {slug} cannot be part of an address.")
    remedy: ClassVar[str] = N_("Use 2 to 40 lower-case letters, digits and single hyphens between them.")

    slug: str
