"""The ways the catalog refuses."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word

KINDS: Mapping[str, str] = MappingProxyType({"goods": N_("goods"), "service": N_("service"), "kit": N_("kit")})
"""The words for what a SKU is inside a sentence."""


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
class CategoryNotFound(errors.NotFound):
    """No category of this merchant has that id."""

    code: ClassVar[str] = "category_not_found"
    message: ClassVar[str] = N_("There is no category {category}.")
    remedy: ClassVar[str] = N_("Check the code, or create the category first.")

    category: str


@dataclasses.dataclass(eq=False)
class ImageNotFound(errors.NotFound):
    """No picture has that id."""

    code: ClassVar[str] = "image_not_found"
    message: ClassVar[str] = N_("There is no such image.")


@dataclasses.dataclass(eq=False)
class UnknownCategory(errors.Invalid):
    """A product names a category that does not exist."""

    code: ClassVar[str] = "unknown_category"
    message: ClassVar[str] = N_("There is no category {category}.")
    remedy: ClassVar[str] = N_("Create the category first, or leave the field out.")

    category: str


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
class Repeated(errors.Invalid):
    """The same thing stands twice where it may stand once."""

    code: ClassVar[str] = "repeated"
    message: ClassVar[str] = N_("{value} stands here twice.")
    remedy: ClassVar[str] = N_("Leave one of them out.")

    value: str


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


@dataclasses.dataclass(eq=False)
class UnknownCurrency(errors.Invalid):
    """A currency is not in ISO 4217."""

    code: ClassVar[str] = "unknown_currency"
    message: ClassVar[str] = N_("{currency} is no currency.")
    remedy: ClassVar[str] = N_("Use an ISO 4217 code like CNY, EUR or USD.")

    currency: str


@dataclasses.dataclass(eq=False)
class KitWithoutParts(errors.Invalid):
    """A kit is made of at least one SKU."""

    code: ClassVar[str] = "kit_without_parts"
    message: ClassVar[str] = N_("The kit {sku} has no parts.")
    remedy: ClassVar[str] = N_("Name the SKUs it is made of, with their quantities.")

    sku: str


@dataclasses.dataclass(eq=False)
class PartsOnlyInKits(errors.Invalid):
    """Parts were given for a SKU that is no kit."""

    code: ClassVar[str] = "parts_only_in_kits"
    message: ClassVar[str] = N_("The SKU {sku} is no kit, so it has no parts.")
    remedy: ClassVar[str] = N_("Leave the parts out, or create the product with kind kit.")

    sku: str


@dataclasses.dataclass(eq=False)
class UnknownPart(errors.Invalid):
    """A kit names a part that does not exist."""

    code: ClassVar[str] = "unknown_part"
    message: ClassVar[str] = N_("The kit {sku} contains {part}, which does not exist.")
    remedy: ClassVar[str] = N_("Create that SKU first, or correct its code.")

    sku: str
    part: str


@dataclasses.dataclass(eq=False)
class PartNotGoods(errors.Invalid):
    """A kit contains a service or another kit; only goods can be taken from a shelf."""

    code: ClassVar[str] = "part_not_goods"
    message: ClassVar[str] = N_("The kit {sku} contains {part}, which is of kind {kind}.")
    remedy: ClassVar[str] = N_("Put goods into a kit; sell services on lines of their own and list the parts of kits.")

    sku: str
    part: str
    kind: str

    def __post_init__(self) -> None:
        self.kind = Word(self.kind, KINDS)


@dataclasses.dataclass(eq=False)
class ImageUnreadable(errors.Invalid):
    """The upload is no image that we read."""

    code: ClassVar[str] = "image_unreadable"
    message: ClassVar[str] = N_("This is no image that can be read.")
    remedy: ClassVar[str] = N_("Send a JPEG, PNG, WebP or GIF file.")


@dataclasses.dataclass(eq=False)
class ImageTooLarge(errors.Invalid):
    """The upload has too many bytes or pixels."""

    code: ClassVar[str] = "image_too_large"
    message: ClassVar[str] = N_("The image is too large: at most {bytes_max} bytes and {pixels_max} pixels are read.")
    remedy: ClassVar[str] = N_("Send a smaller one.")

    bytes_max: int
    pixels_max: int


@dataclasses.dataclass(eq=False)
class CharacterRefused(errors.Invalid):
    """A text holds a control character, which no label, screen or file shows."""

    code: ClassVar[str] = "character_refused"
    message: ClassVar[str] = N_("The text contains the character {character}.")
    remedy: ClassVar[str] = N_("Remove it.")

    character: str


@dataclasses.dataclass(eq=False)
class PriceUnreadable(errors.Invalid):
    """What was typed is no price in the currency."""

    code: ClassVar[str] = "price_unreadable"
    message: ClassVar[str] = N_("{text} is no price in {currency}.")
    remedy: ClassVar[str] = N_("Write it like 39.90.")

    text: str
    currency: str


@dataclasses.dataclass(eq=False)
class WeightUnreadable(errors.Invalid):
    """What was typed is no weight."""

    code: ClassVar[str] = "weight_unreadable"
    message: ClassVar[str] = N_("“{text}” is no weight.")
    remedy: ClassVar[str] = N_("Write whole grams.")

    text: str


@dataclasses.dataclass(eq=False)
class PriceStays(errors.Conflict):
    """The grid shows one currency: it does not take away the only price of a SKU in it while others stay."""

    code: ClassVar[str] = "price_stays"
    message: ClassVar[str] = N_("The SKU has prices in other currencies, so its price in {currency} stays here.")
    remedy: ClassVar[str] = N_("Open the SKU and remove the price there.")

    currency: str
