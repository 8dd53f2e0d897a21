"""SKUs as scanners read them, as loads for pipelines."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.catalog.rules import scanning, variants
from jiedan.catalog.values import Scannable, SkuId

SQL = sql.load("jiedan.catalog.queries", "scanning.sql")


def scannable(ids: Collection[UUID]) -> Load[dict[SkuId, Scannable]]:
    """Load what scanners read of SKUs, by id; unknown ids are absent."""
    return Load(SQL["scannable"], {"sku_ids": sorted(set(ids))}, _by_id)


def scanned(texts: Collection[str]) -> tuple[Load[dict[SkuId, Scannable]], Load[dict[SkuId, Scannable]]]:
    """Load the SKUs whose codes or barcodes these texts are: the first load finds codes, the second barcodes.

    One statement each, one round trip together.
    """
    forms = sorted({form for text in texts for form in scanning.forms(text)})
    return (
        Load(SQL["scanned_codes"], {"codes": forms}, _by_id),
        Load(SQL["scanned_barcodes"], {"barcodes": forms}, _by_id),
    )


def _by_id(rows: list[tuple[Any, ...]]) -> dict[SkuId, Scannable]:
    barcodes: dict[UUID, dict[str, int]] = {}
    for sku_id, _, barcode, quantity, *_ in rows:
        barcodes.setdefault(sku_id, {}).update({} if barcode is None else {barcode: quantity})
    return {
        SkuId(sku_id): Scannable(SkuId(sku_id), code, barcodes[sku_id], variants.sku_name(name, options), *sizes)
        for sku_id, code, _, _, name, options, *sizes in rows
    }
