"""Categories that are not there, are there already, or cannot stand or go where they should."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CategoryNotFound(errors.NotFound):
    """No category of this merchant has that id."""

    code: ClassVar[str] = "category_not_found"
    message: ClassVar[str] = N_("There is no category {category}.")
    remedy: ClassVar[str] = N_("Check the code, or create the category first.")

    category: str


@dataclasses.dataclass(eq=False)
class UnknownCategory(errors.Invalid):
    """A product names a category that does not exist."""

    code: ClassVar[str] = "unknown_category"
    message: ClassVar[str] = N_("There is no category {category}.")
    remedy: ClassVar[str] = N_("Create the category first, or leave the field out.")

    category: str


@dataclasses.dataclass(eq=False)
class CategoryCodeTaken(errors.Conflict):
    """A category with this code exists already."""

    code: ClassVar[str] = "category_code_taken"
    message: ClassVar[str] = N_("The category {category} exists already.")
    remedy: ClassVar[str] = N_("Use another code, or edit that category.")

    category: str


@dataclasses.dataclass(eq=False)
class CategoryNotEmpty(errors.Conflict):
    """A category with products or categories inside cannot be removed."""

    code: ClassVar[str] = "category_not_empty"
    message: ClassVar[str] = N_("{category} still holds {categories} categories and {products} products.")
    remedy: ClassVar[str] = N_("Move them elsewhere first.")

    category: str
    categories: int
    products: int


@dataclasses.dataclass(eq=False)
class CategoryCycle(errors.Invalid):
    """A category would stand below itself."""

    code: ClassVar[str] = "category_cycle"
    message: ClassVar[str] = N_("{parent} stands below {category}, so it cannot be its parent.")
    remedy: ClassVar[str] = N_("Choose a parent outside {category}.")

    category: str
    parent: str
