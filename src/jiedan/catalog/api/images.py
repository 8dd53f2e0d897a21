"""REST of product images: the body is the picture itself."""

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import Parameter

from jiedan.base.web import answers, bodies
from jiedan.base.web.errors import FileMissing
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors, queries, service
from jiedan.catalog.rules import drafts, sources
from jiedan.catalog.storage.folder import FolderStorage
from jiedan.catalog.values import EDGES_PX, Image, ImageId, ProductId, SkuId

CACHE = "private, max-age=31536000, immutable"
"""A picture never changes under its id."""

CACHE_BRIEFLY = "private, max-age=60"
"""It stands in for a copy that is still to be made."""

Edge = Annotated[int | None, Parameter(ge=1, le=10_000, description=f"One of {', '.join(map(str, EDGES_PX))} pixels.")]


class ImageView(msgspec.Struct, frozen=True):
    """A picture and where it is fetched from."""

    image_id: ImageId
    product_id: ProductId
    sku_id: SkuId | None
    position: int
    url: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    alt_text: str
    renditions: list["RenditionView"]


class RenditionView(msgspec.Struct, frozen=True):
    """A smaller copy of a picture, at most `edge_px` wide and high, and where it is fetched from."""

    edge_px: int
    url: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int


class OrderBody(bodies.Body):
    """Pictures in the order they are to be shown; others follow."""

    __example__: ClassVar = {"image_ids": ["0193a000-0000-7000-8000-000000000001"]}

    image_ids: list[UUID]


class ImagePatch(bodies.Body):
    """What a picture shows, in a sentence for those who do not see it; empty where it says nothing new."""

    __example__: ClassVar = {"alt_text": "Green tea leaves in a white cup"}

    alt_text: Annotated[str, msgspec.Meta(max_length=drafts.ALT_TEXT_CHARACTERS_MAX)]


@get("/products/{product_id:uuid}/images", permission="catalog:read", summary="List the images of a product")
async def list_images(unit: Unit, product_id: UUID) -> list[ImageView]:
    """Return the pictures of a product, in order."""
    async with unit.read() as tx:
        await queries.product(tx, product_id=product_id)
        return [_view(image) for image in await queries.images(tx, product_id=product_id)]


@post(
    "/products/{product_id:uuid}/images",
    permission="catalog:write",
    idempotent=True,
    upload="image/*",
    summary="Add an image to a product",
)
async def add_image(
    unit: Unit, product_id: UUID, alt_text: str = "", sku_id: UUID | None = None
) -> Response[ImageView]:
    """Add a picture: the body is a JPEG, PNG, WebP or GIF file. It is encoded anew, without its metadata."""
    upload = await unit.request.body()
    if not upload:
        raise FileMissing("JPEG, PNG, WebP, GIF")
    if refusal := drafts.refuse_alt_text(alt_text.strip()):
        raise refusal
    async with unit.read() as tx:
        await queries.product(tx, product_id=product_id)
    image = await service.take_in_image(
        unit.write,
        unit.part(FolderStorage),
        tenant=unit.tenant,
        product_id=product_id,
        sku_id=sku_id,
        upload=upload,
        alt_text=alt_text,
        key=unit.idempotency_key,
    )
    return answers.created(_view(image), f"/api/v1/images/{image.image_id}")


@put("/products/{product_id:uuid}/images/order", permission="catalog:write", summary="Arrange the images of a product")
async def arrange_images(unit: Unit, product_id: UUID, data: OrderBody) -> list[ImageView]:
    """Put the pictures of a product into an order."""
    images = await unit.write(lambda tx: service.arrange_images(tx, product_id=product_id, image_ids=data.image_ids))
    return [_view(image) for image in images]


@get("/images/{image_id:uuid}", permission="catalog:read", summary="Get an image", media_type="image/*")
async def get_image(unit: Unit, image_id: UUID, edge: Edge = None) -> Response[bytes]:
    """Return the picture itself, or its smaller copy with that `edge`; where there is none, the picture."""
    async with unit.read() as tx:
        image = await queries.image(tx, image_id=image_id)
    found = sources.stored(image, edge)
    content = await unit.part(FolderStorage).get(found.storage_key)
    if content is None:
        raise errors.ImageNotFound
    cache = CACHE if found.is_lasting else CACHE_BRIEFLY
    return Response(content, media_type=found.media_type, headers={"cache-control": cache})


@patch("/images/{image_id:uuid}", permission="catalog:write", summary="Describe an image")
async def describe_image(unit: Unit, image_id: UUID, data: ImagePatch) -> ImageView:
    """Say what a picture shows: the shop and the console read it to those who do not see it."""
    image = await unit.write(lambda tx: service.describe_image(tx, image_id=image_id, alt_text=data.alt_text))
    return _view(image)


@delete("/images/{image_id:uuid}", permission="catalog:write", summary="Remove an image")
async def remove_image(unit: Unit, image_id: UUID) -> None:
    """Take a picture away; its bytes follow within two days."""
    await unit.write(lambda tx: service.remove_image(tx, image_id=image_id))


def _view(image: Image) -> ImageView:
    return ImageView(
        image.image_id,
        image.product_id,
        image.sku_id,
        image.position,
        f"/api/v1/images/{image.image_id}",
        image.media_type,
        image.width_px,
        image.height_px,
        image.size_bytes,
        image.alt_text,
        [
            RenditionView(
                each.edge_px,
                f"/api/v1/images/{image.image_id}?edge={each.edge_px}",
                each.media_type,
                each.width_px,
                each.height_px,
                each.size_bytes,
            )
            for each in image.renditions
        ],
    )


HANDLERS = (list_images, add_image, arrange_images, get_image, describe_image, remove_image)
