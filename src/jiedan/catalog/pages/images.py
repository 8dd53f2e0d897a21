"""Pictures of a product: several at once, put in order, taken away."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base import i18n
from jiedan.base.errors import NotFound, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, sending
from jiedan.base.web.forms import Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors, queries, service
from jiedan.catalog.rules import drafts
from jiedan.catalog.storage.folder import FolderStorage
from jiedan.catalog.values import ImageId

FIELD = "pictures"
UPLOADS_BYTES_MAX = 60_000_000
"""Largest body of one upload: several pictures of a camera; each is limited by itself as well."""


class PicturesForm(Form):
    """What the pictures that were chosen show; they are files, and where there is none, browsers send an empty text."""

    alt_text: str = ""
    pictures: str = ""


class MoveForm(Form):
    """A picture that goes one place forward, or to the back."""

    image_id: UUID
    to: str = "left"


class DescriptionForm(Form):
    """What a picture shows."""

    alt_text: Annotated[str, msgspec.Meta(max_length=drafts.ALT_TEXT_CHARACTERS_MAX)] = ""


@post("/products/{product_id:uuid}/images", permission="catalog:write", request_max_body_size=UPLOADS_BYTES_MAX)
async def add_images(unit: Unit, product_id: UUID) -> Response[str]:
    """Add the pictures that were chosen; those that are no pictures are told by name and leave the others alone."""
    form = await forms.read(unit, PicturesForm)
    alt_text = form.text("alt_text")[: bodies.TEXT_LENGTH_MAX]
    number = await sending.number_of(unit.request)
    async with unit.read() as tx:
        await queries.product(tx, product_id=product_id)
    wrong = [*form.above, *form.errors_by_field.values()]
    uploads = () if wrong else form.files.get(FIELD, ())
    added = 0
    for place, upload in enumerate(uploads):
        try:
            await service.take_in_image(
                unit.write,
                unit.part(FolderStorage),
                tenant=unit.tenant,
                product_id=product_id,
                upload=await upload.read(),
                alt_text=alt_text,
                key=f"console-{number}-{place}" if number else None,
            )
            added += 1
        except NotFound:
            raise
        except Refusal as refusal:
            said = i18n.say(unit.locale, refusal)
            wrong.append(i18n.translate(unit.locale, N_("{file}: {problem}"), file=upload.filename, problem=said))
    at = f"/products/{product_id}"
    if wrong:
        return pages.redirect(
            unit, at, flash=N_("Not everything was added. {problems}"), tone="bad", problems=" ".join(wrong)
        )
    if not added:
        return pages.redirect(unit, at, flash=N_("Choose at least one picture first."), tone="warn")
    return pages.redirect(unit, at, flash=N_("{added} pictures were added."), added=added)


@post("/products/{product_id:uuid}/images/order", permission="catalog:write")
async def move_image(unit: Unit, product_id: UUID) -> Response[str]:
    """Move one picture a place to the left or right."""
    form = await forms.read(unit, MoveForm)
    sent = form.value
    at = f"/products/{product_id}"
    async with unit.read() as tx:
        await queries.product(tx, product_id=product_id)
        order = [image.image_id for image in await queries.images(tx, product_id=product_id)]
    if sent is None:
        return pages.redirect(unit, at, flash=N_("Choose a picture first."), tone="warn")
    if sent.image_id not in order:
        raise errors.ImageNotFound
    place = order.index(ImageId(sent.image_id))
    other = place + (1 if sent.to == "right" else -1)
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        await unit.write(lambda tx: service.arrange_images(tx, product_id=product_id, image_ids=order))
    return pages.redirect(unit, at)


@post("/products/{product_id:uuid}/images/{image_id:uuid}/description", permission="catalog:write")
async def describe_image(unit: Unit, product_id: UUID, image_id: UUID) -> Response[str]:
    """Keep what a picture shows."""
    form = await forms.read(unit, DescriptionForm)
    at = f"/products/{product_id}"
    await _check_of(unit, product_id, image_id)
    if form.value is None:
        said = " ".join(form.errors_by_field.values())
        return pages.redirect(unit, at, flash=N_("The description was not saved. {problem}"), tone="bad", problem=said)
    text = form.value.alt_text
    try:
        await unit.write(lambda tx: service.describe_image(tx, image_id=image_id, alt_text=text))
    except NotFound:
        raise
    except Refusal as refusal:
        said = i18n.say(unit.locale, refusal)
        return pages.redirect(unit, at, flash=N_("The description was not saved. {problem}"), tone="bad", problem=said)
    return pages.redirect(unit, at, flash=N_("The description was saved."))


async def _check_of(unit: Unit, product_id: UUID, image_id: UUID) -> None:
    """Raise ImageNotFound for a picture of another product."""
    async with unit.read() as tx:
        of_product = {image.image_id for image in await queries.images(tx, product_id=product_id)}
    if image_id not in of_product:
        raise errors.ImageNotFound


@post("/products/{product_id:uuid}/images/{image_id:uuid}/removal", permission="catalog:write")
async def remove_image(unit: Unit, product_id: UUID, image_id: UUID) -> Response[str]:
    """Take a picture away."""
    await _check_of(unit, product_id, image_id)
    await unit.write(lambda tx: service.remove_image(tx, image_id=image_id))
    return pages.redirect(unit, f"/products/{product_id}", flash=N_("The picture was removed."))


HANDLERS: tuple[Any, ...] = (add_images, move_image, describe_image, remove_image)
