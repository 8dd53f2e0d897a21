"""The ways the catalog refuses."""

from jiedan.catalog.errors.categories import (
    CategoryCodeTaken,
    CategoryCycle,
    CategoryNotEmpty,
    CategoryNotFound,
    UnknownCategory,
)
from jiedan.catalog.errors.images import ImageNotFound, ImageTooLarge, ImageUnreadable
from jiedan.catalog.errors.kits import KitWithoutParts, PartNotGoods, PartsOnlyInKits, UnknownPart
from jiedan.catalog.errors.prices import PriceStays, PriceUnreadable, UnknownCurrency
from jiedan.catalog.errors.products import (
    BarcodeInvalid,
    BarcodeTaken,
    KindIsFixed,
    OptionValuesMismatch,
    OrderQuantityInvalid,
    ProductCodeTaken,
    ProductNotFound,
    SkuCodeTaken,
    SkuNotFound,
    TaxClassInvalid,
    UnknownChoice,
    VariantTaken,
)
from jiedan.catalog.errors.values import (
    CharacterRefused,
    LimitExceeded,
    OutOfRange,
    Repeated,
    TextTooLong,
    ValueMissing,
    WeightUnreadable,
)

__all__ = [
    "BarcodeInvalid",
    "BarcodeTaken",
    "CategoryCodeTaken",
    "CategoryCycle",
    "CategoryNotEmpty",
    "CategoryNotFound",
    "CharacterRefused",
    "ImageNotFound",
    "ImageTooLarge",
    "ImageUnreadable",
    "KindIsFixed",
    "KitWithoutParts",
    "LimitExceeded",
    "OptionValuesMismatch",
    "OrderQuantityInvalid",
    "OutOfRange",
    "PartNotGoods",
    "PartsOnlyInKits",
    "PriceStays",
    "PriceUnreadable",
    "ProductCodeTaken",
    "ProductNotFound",
    "Repeated",
    "SkuCodeTaken",
    "SkuNotFound",
    "TaxClassInvalid",
    "TextTooLong",
    "UnknownCategory",
    "UnknownChoice",
    "UnknownCurrency",
    "UnknownPart",
    "ValueMissing",
    "VariantTaken",
    "WeightUnreadable",
]
