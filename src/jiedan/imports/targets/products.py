"""Products: a row is one SKU in one price tier; rows of one product follow each other."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Phrase, Series
from jiedan.catalog import service as catalog
from jiedan.catalog.rules import drafts as checking
from jiedan.catalog.rules.plan import MEASURES, ORDERED_IN
from jiedan.catalog.values import (
    AlternateBarcode,
    KitPart,
    Option,
    Price,
    ProductDraft,
    ProductStatus,
    Refused,
    Saved,
    SkuDraft,
    SkuKind,
)
from jiedan.imports import cells, errors
from jiedan.imports.targets import chunks
from jiedan.imports.values import Field, Outcome, Row

T = TypeVar("T")

OPTIONS = (1, 2, 3)
_KINDS = {
    "goods": SkuKind.goods, "product": SkuKind.goods, "商品": SkuKind.goods, "实物": SkuKind.goods,
    "service": SkuKind.service, "服务": SkuKind.service, "服務": SkuKind.service,
    "kit": SkuKind.kit, "bundle": SkuKind.kit, "set": SkuKind.kit, "套装": SkuKind.kit, "套裝": SkuKind.kit,
}  # fmt: skip
_STATUSES = {
    "draft": ProductStatus.draft, "草稿": ProductStatus.draft,
    "active": ProductStatus.active, "上架": ProductStatus.active, "在售": ProductStatus.active,
    "archived": ProductStatus.archived, "下架": ProductStatus.archived,
}  # fmt: skip

_SEPARATORS = re.compile(r"[,，、;；\n]")
_COUNT = re.compile("[0-9]{1,9}")

_SOME_CODE = "-"
"""Stands for a code that is missing, so that the rest of a row is judged."""

_FIELD_BY_PATH = {
    "code": "product", "parts": "parts", "prices": "price", "option_values": "option1_value", "options": "option1_name",
}  # fmt: skip
"""Where the catalog names a path, the field of the row that it came from."""


class Products:
    """Products, their SKUs and prices, by code."""

    kind = "products"
    permission = "catalog:import"
    fields: tuple[Field, ...] = (
        Field(
            "sku",
            N_("Code of the SKU"),
            ("sku code", "stockcode", "stock code", "item", "商品编码", "商家编码", "货号", "商品編碼", "貨號", "編碼"),
            True,
        ),
        Field(
            "product",
            N_("Code of the product; without it the SKU's"),
            ("product code", "handle", "款号", "款號", "parent"),
        ),
        Field(
            "name",
            N_("Name of the product"),
            ("title", "description short", "商品名称", "名称", "品名", "商品名稱", "名稱"),
        ),
        Field("description", N_("Description"), ("details", "body", "描述", "说明", "說明")),
        Field("kind", N_("goods, service or kit"), ("type", "类型", "類型")),
        Field("status", N_("draft, active or archived"), ("状态", "狀態")),
        Field("category", N_("Code of the category"), ("category code", "类目", "分类", "類目", "分類")),
        Field("tax_class", N_("Tax class"), ("tax", "税类", "稅別")),
        Field("brand", N_("Brand"), ("brand name", "品牌")),
        Field("tags", N_("Tags, separated by semicolons"), ("tag", "labels", "标签", "標籤")),
        *(
            field
            for n in OPTIONS
            for field in (
                Field(f"option{n}_name", N_("Name of an option"), (f"option{n} name", f"规格{n}名称", f"規格{n}名稱")),
                Field(f"option{n}_value", N_("What this SKU chooses"), (f"option{n} value", f"规格{n}", f"規格{n}")),
            )
        ),
        Field("barcode", N_("Barcode"), ("gtin", "ean", "upc", "条码", "條碼")),
        Field(
            "alternate_barcodes",
            N_("Other barcodes, those of cartons with their units, like 14006381333938*12; 96385074"),
            ("other barcodes", "carton barcode", "其他条码", "箱码", "其他條碼", "箱碼"),
        ),
        Field("weight_g", N_("Weight in grams"), ("weight", "grams", "重量", "product_weight_g")),
        Field("length_mm", N_("Length in millimeters"), ("length", "长")),
        Field("width_mm", N_("Width in millimeters"), ("width", "宽")),
        Field("height_mm", N_("Height in millimeters"), ("height", "高")),
        Field(
            "order_minimum",
            N_("How many an order takes at least; 0 for no limit"),
            ("minimum order quantity", "moq", "最小订购量", "最小訂購量"),
        ),
        Field(
            "order_maximum",
            N_("How many an order takes at most; 0 for no limit"),
            ("maximum order quantity", "限购数量", "限購數量"),
        ),
        Field(
            "order_step",
            N_("In steps of how many it is ordered"),
            ("order step", "order multiple", "订购步长", "訂購級距"),
        ),
        Field(
            "order_pack",
            N_("How many are in a pack that is not divided"),
            ("pack size", "units per pack", "每包数量", "每包數量"),
        ),
        Field("active", N_("Whether the SKU may be sold"), ("is active", "enabled", "启用", "啟用")),
        Field(
            "price",
            N_("Unit price, like 12.50"),
            ("unitprice", "unit price", "价格", "单价", "售价", "價格", "單價", "售價"),
        ),
        Field("currency", N_("Currency of the price; without it the merchant's"), ("币种", "幣別")),
        Field("min_quantity", N_("From which quantity the price holds"), ("minimum quantity", "起订量", "起訂量")),
        Field("parts", N_("Parts of a kit, like A*2; B*1"), ("components", "组成", "組成")),
    )

    def key(self, row: Row) -> str | None:
        """Keep the rows of one product together."""
        return row.values.get("product") or row.values.get("sku")

    def thing(self, row: Row) -> str | None:
        """Return the SKU whose price a row tells."""
        return row.values.get("sku")

    def torn(self, number: int) -> Refusal:
        """Return why a tier is refused when row `number` of its SKU cannot be read."""
        return errors.OtherTierRefused(number)

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Upsert SKUs by code; rows of one SKU are its price tiers."""
        default = (await tx.load_one(accounts.settings())).currency
        tiers: dict[str, list[Row]] = {}
        for row in rows:
            tiers.setdefault(row.values.get("sku", f"\0{row.number}"), []).append(row)
        drafted: list[tuple[list[Row], ProductDraft]] = []
        outcomes: dict[int, Outcome] = {}
        faults = cells.Faults()
        for same_sku in tiers.values():
            draft = _draft(same_sku, default, faults)
            if draft is not None:
                drafted.append((same_sku, draft))
            else:
                outcomes |= _refused(same_sku, faults)

        async def upsert(some: Sequence[ProductDraft]) -> Sequence[Saved | Refused]:
            return await catalog.upsert_products(tx, products=some)

        outcomes |= await chunks.save_drafts(
            drafted, save=upsert, at_once_max=catalog.PRODUCTS_PER_BATCH_MAX, outcome=_outcome
        )
        return [outcomes[row.number] for row in rows]


def _draft(tiers: Sequence[Row], default_currency: str, faults: cells.Faults) -> ProductDraft | None:
    """Return the draft of one SKU from its rows. None when `faults` were noted, all of them.

    Of what several rows say, the last counts. What cannot be read is left out, so that the rest is judged as well.
    """
    said_by = {name: tier for tier in tiers for name in tier.values}

    def read(field: str, reader: Callable[..., T], *arguments: object) -> T | None:
        return faults.read(said_by.get(field, tiers[-1]), reader, *arguments)

    values = {name: tier.values[name] for name, tier in said_by.items()}
    code = read("sku", cells.needed, "sku") or _SOME_CODE
    options = [
        (name, value)
        for n in OPTIONS
        if (value := values.get(f"option{n}_value")) and (name := values.get(f"option{n}_name"))
    ]
    sizes = {name: read(name, cells.integer, name) for name in (*MEASURES, *ORDERED_IN)}
    sku: dict[str, Any] = {
        "barcode": values.get("barcode"),
        **sizes,
        "is_active": read("active", cells.yes, "active"),
        "prices": _prices(tiers, default_currency, faults) or None,
        "parts": read("parts", _parts),
        "alternate_barcodes": read("alternate_barcodes", _alternates),
        "option_values": tuple(value for _, value in options) or None,
    }
    product: dict[str, Any] = {
        "name": values.get("name"),
        "description": values.get("description"),
        "kind": read("kind", _word, "kind", _KINDS),
        "status": read("status", _word, "status", _STATUSES),
        "category": values.get("category"),
        "tax_class": values.get("tax_class"),
        "brand": values.get("brand"),
        "tags": _tags(values.get("tags", "")) or None,
        "options": tuple(Option(name, (value,)) for name, value in options) or None,
    }
    draft = ProductDraft(
        code=values.get("product", code),
        extends_options=True,
        skus=(SkuDraft(code=code, **{name: value for name, value in sku.items() if value is not None}),),
        **{name: value for name, value in product.items() if value is not None},
    )
    if not any(faults.of(tier) for tier in tiers):
        return draft
    for reason in checking.refusals(checking.cleaned(draft)):
        reason.field = _field(reason.field or "")
        faults.add_unnamed(said_by.get(reason.field, tiers[-1]), [reason])
    return None


def _prices(tiers: Sequence[Row], default_currency: str, faults: cells.Faults) -> tuple[Price, ...]:
    """Return the price tiers of a SKU's rows; of one tier twice the last row counts, as it does across chunks."""
    found = [price for tier in tiers if (price := _price(tier, default_currency, faults))]
    return tuple({(price.currency, price.min_quantity): price for price in found}.values())


def _price(row: Row, default_currency: str, faults: cells.Faults) -> Price | None:
    currency = faults.read(row, cells.currency, "currency", default_currency)
    least = faults.read(row, cells.integer, "min_quantity")
    if currency is None:  # without it nobody knows what the amount says
        return None
    unit_minor = faults.read(row, cells.amount, "price", currency)
    return None if unit_minor is None else Price(currency, unit_minor, 1 if least is None else least)


def _parts(row: Row) -> tuple[KitPart, ...] | None:
    """Return the parts written like `A*2; B`. Raises CellInvalid."""
    counted = _counted(row, "parts", Phrase("a part like A*2"))
    return None if counted is None else tuple(KitPart(code, count) for code, count in counted)


def _alternates(row: Row) -> tuple[AlternateBarcode, ...] | None:
    """Return the barcodes written like `14006381333938*12; 96385074`. Raises CellInvalid."""
    counted = _counted(row, "alternate_barcodes", Phrase("a barcode with its units like 14006381333938*12"))
    return None if counted is None else tuple(AlternateBarcode(count, code) for code, count in counted)


def _tags(given: str) -> tuple[str, ...]:
    """Return the tags that are written in a cell, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in _SEPARATORS.split(given) if tag.strip()))


def _counted(row: Row, field: str, wanted: Phrase) -> list[tuple[str, int]] | None:
    """Return codes and how many of each, one where none is written. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    found = []
    for piece in given.replace("；", ";").replace("×", "*").split(";"):
        if not piece.strip():
            continue
        code, star, count = piece.rpartition("*")
        code, count = (code.strip(), count.strip()) if star else (piece.strip(), "1")
        if not code or not _COUNT.fullmatch(count):
            raise errors.CellInvalid(piece.strip()[: cells.SHOWN_MAX], wanted, field=field)
        found.append((code, int(count)))
    return found


def _word(row: Row, field: str, words: Mapping[str, T]) -> T | None:
    given = row.values.get(field)
    if given is None:
        return None
    found = words.get(given.casefold())
    if found is None:
        raise errors.CellInvalid(given[: cells.SHOWN_MAX], Phrase("one of {words}", words=Series(words)), field=field)
    return found


def _refused(tiers: Sequence[Row], faults: cells.Faults) -> dict[int, Outcome]:
    """Return the reasons against the rows of a SKU; rows without one of their own are told which row has."""
    culprit = min(tier.number for tier in tiers if faults.of(tier))
    return {tier.number: faults.of(tier) or (errors.OtherTierRefused(culprit),) for tier in tiers}


def _outcome(saved: Saved | Refused, draft: ProductDraft) -> Outcome:
    if isinstance(saved, Refused):
        for reason in saved.reasons:
            reason.field = _field(reason.field or "")
        return saved.reasons
    if saved.outcome == "updated" and f"skus[{draft.skus[0].code}]" in saved.changed:
        return "created"
    return saved.outcome


def _field(path: str) -> str:
    """Return the field of the row that a path of the catalog's, like `skus[0].prices[1].currency`, came from."""
    if path == "skus[0].code":
        return "sku"
    last = path.removeprefix("skus[0].")
    head = last.partition("[")[0].partition(".")[0]
    tail = last.rpartition(".")[2]
    if tail in {"currency", "min_quantity"}:
        return tail
    return _FIELD_BY_PATH.get(head, "active" if head == "is_active" else head)


PRODUCTS = Products()
