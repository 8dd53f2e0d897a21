"""Products and SKUs that are not there, are there already, or stay what they are; what a SKU cannot be."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.catalog.errors.words import KINDS


@dataclasses.dataclass(eq=False)
class ProductNotFound(errors.NotFound):
    """No product of this merchant has that code or id."""

    code: ClassVar[str] = "product_not_found"
    message: ClassVar[str] = N_("There is no product {product}.")
    remedy: ClassVar[str] = N_("Check the code, or create the product first.")

    product: str


@dataclasses.dataclass(eq=False)
class SkuNotFound(errors.NotFound):
    """No SKU of this merchant has that code or id."""

    code: ClassVar[str] = "sku_not_found"
    message: ClassVar[str] = N_("There is no SKU {sku}.")
    remedy: ClassVar[str] = N_("Check the code, or create the SKU first.")

    sku: str


@dataclasses.dataclass(eq=False)
class ProductCodeTaken(errors.Conflict):
    """A product with this code exists already."""

    code: ClassVar[str] = "product_code_taken"
    message: ClassVar[str] = N_("The product {product} exists already.")
    remedy: ClassVar[str] = N_("Use another code, or edit that product.")

    product: str


@dataclasses.dataclass(eq=False)
class SkuCodeTaken(errors.Conflict):
    """The SKU code belongs to another product."""

    code: ClassVar[str] = "sku_code_taken"
    message: ClassVar[str] = N_("The SKU {sku} belongs to the product {product}.")
    remedy: ClassVar[str] = N_("Use another code.")

    sku: str
    product: str


@dataclasses.dataclass(eq=False)
class BarcodeTaken(errors.Conflict):
    """The barcode belongs to another SKU."""

    code: ClassVar[str] = "barcode_taken"
    message: ClassVar[str] = N_("The barcode {barcode} belongs to the SKU {sku}.")
    remedy: ClassVar[str] = N_("Correct the barcode, or remove it from that SKU first.")

    barcode: str
    sku: str


@dataclasses.dataclass(eq=False)
class KindIsFixed(errors.Conflict):
    """Goods, services and kits do not turn into each other: stock and orders rely on what a SKU is."""

    code: ClassVar[str] = "kind_is_fixed"
    message: ClassVar[str] = N_("{product} is of kind {kind}, which does not change.")
    remedy: ClassVar[str] = N_("Create another product and archive this one.")

    product: str
    kind: str

    def __post_init__(self) -> None:
        self.kind = Word(self.kind, KINDS)


@dataclasses.dataclass(eq=False)
class OrderQuantityInvalid(errors.Invalid):
    """Minimum, maximum, step and pack leave no quantity that can be ordered."""

    code: ClassVar[str] = "order_quantity_invalid"
    message: ClassVar[str] = N_("No quantity fits these limits.")
    remedy: ClassVar[str] = N_("Give a step and a pack from 1 on, and a minimum and a maximum that a pack can meet.")


@dataclasses.dataclass(eq=False)
class BarcodeInvalid(errors.Invalid):
    """A barcode's check digit is wrong, or it has a length or characters that no barcode has."""

    code: ClassVar[str] = "barcode_invalid"
    message: ClassVar[str] = N_("{barcode} is no barcode: its length or check digit is wrong.")
    remedy: ClassVar[str] = N_("Scan it again: a GTIN has 8, 12, 13 or 14 digits, a code of your own has letters.")

    barcode: str


@dataclasses.dataclass(eq=False)
class TaxClassInvalid(errors.Invalid):
    """A tax class is a short word of letters, digits and underscores."""

    code: ClassVar[str] = "tax_class_invalid"
    message: ClassVar[str] = N_("{tax_class} cannot name a tax class.")
    remedy: ClassVar[str] = N_("Use a short word like standard, reduced or exempt.")

    tax_class: str


@dataclasses.dataclass(eq=False)
class OptionValuesMismatch(errors.Invalid):
    """A SKU does not choose one value for each option of its product."""

    code: ClassVar[str] = "option_values_mismatch"
    message: ClassVar[str] = N_("The SKU {sku} chooses {given} values, but the product has {wanted} options.")
    remedy: ClassVar[str] = N_("Give one value for each option, in their order.")

    sku: str
    given: int
    wanted: int


@dataclasses.dataclass(eq=False)
class UnknownChoice(errors.Invalid):
    """A SKU chooses a value that its option does not have."""

    code: ClassVar[str] = "unknown_choice"
    message: ClassVar[str] = N_("The SKU {sku} chooses {choice}, which is no choice of {option}.")
    remedy: ClassVar[str] = N_("Add the choice to the option, or change the SKU.")

    sku: str
    choice: str
    option: str


@dataclasses.dataclass(eq=False)
class VariantTaken(errors.Invalid):
    """Two SKUs of a product make the same choices."""

    code: ClassVar[str] = "variant_taken"
    message: ClassVar[str] = N_("The SKUs {sku} and {other} are the same variant.")
    remedy: ClassVar[str] = N_("Let each SKU choose other values.")

    sku: str
    other: str
