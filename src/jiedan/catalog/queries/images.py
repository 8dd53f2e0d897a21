"""Pictures of products; the bytes lie in the storage."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import sql
from jiedan.base.db import Load, ReadTx
from jiedan.catalog import errors
from jiedan.catalog import tables as t
from jiedan.catalog.values import Image, ImageId, ProductId, Rendition, SkuId

SQL = sql.load("jiedan.catalog.queries", "images.sql")


async def images(tx: ReadTx, *, product_id: UUID) -> list[Image]:
    """Return the pictures of a product, in order. One statement."""
    return _images(await tx.sql(SQL["of_product"], product_id=product_id))


async def image(tx: ReadTx, *, image_id: UUID) -> Image:
    """Return one picture. Raises ImageNotFound."""
    found = _images(await tx.sql(SQL["image"], image_id=image_id))
    if not found:
        raise errors.ImageNotFound
    return found[0]


async def first_images(tx: ReadTx, *, product_ids: Collection[UUID]) -> Mapping[UUID, Image]:
    """Return the first picture of each product that has one. One statement."""
    return await tx.load_one(first_images_of(product_ids))


def first_images_of(product_ids: Collection[UUID]) -> Load[Mapping[UUID, Image]]:
    """Load what `first_images` returns."""
    parameters = {"product_ids": sorted(product_ids)}
    return Load(SQL["first_images"], parameters, lambda rows: {image.product_id: image for image in _images(rows)})


def images_of_skus(sku_ids: Collection[UUID]) -> Load[Mapping[UUID, Image]]:
    """Load the picture that each SKU is known by, its own before its product's, by SKU; without one it is absent."""
    return Load(SQL["images_of_skus"], {"sku_ids": sorted(set(sku_ids))}, _by_sku)


async def shown_image(tx: ReadTx, *, image_id: UUID) -> Image:
    """Return a picture that anybody may see. Raises ImageNotFound, also for one of a hidden product."""
    found = _images(await tx.sql(SQL["shown_image"], image_id=image_id))
    if not found:
        raise errors.ImageNotFound
    return found[0]


async def unrendered(tx: ReadTx, *, limit: int) -> list[Image]:
    """Return pictures whose smaller copies are still to be made, oldest first."""
    return _images(await tx.sql(SQL["unrendered"], limit=limit))


async def named_keys(tx: ReadTx, *, keys: Collection[str]) -> set[str]:
    """Return which of these storage keys some picture names, or a smaller copy of one."""
    wanted = sa.bindparam(None, sorted(keys), type_=sa.ARRAY(sa.Text()))
    statement = sa.union_all(
        *(
            sa.select(table.storage_key).where(table.tenant_id == tx.tenant, table.storage_key == sa.any_(wanted))
            for table in (t.ProductImage, t.ImageRendition)
        )
    )
    return set((await tx.execute(statement)).scalars())


def _images(rows: Iterable[tuple[Any, ...]]) -> list[Image]:
    """Return pictures from rows of one copy each, in their order."""
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return [_image(copies) for copies in found.values()]


def _by_sku(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, Image]:
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[2], []).append(row)
    return {sku_id: _image(copies) for sku_id, copies in found.items()}


def _image(rows: list[tuple[Any, ...]]) -> Image:
    image_id, product_id, sku_id, *others = rows[0][:10]
    image = Image(ImageId(image_id), ProductId(product_id), SkuId(sku_id) if sku_id else None, *others)
    copies = tuple(Rendition(*row[10:]) for row in rows if row[10] is not None)
    return dataclasses.replace(image, renditions=copies)
