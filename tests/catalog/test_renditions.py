"""Pictures have smaller copies: made with them, or later; fetched by their edge, swept with what nobody names."""

import dataclasses
import io
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import PIL.Image
import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog import errors, jobs, queries, service
from jiedan.catalog.api import ROUTER
from jiedan.catalog.rules import sources
from jiedan.catalog.storage import key_of, pictures
from jiedan.catalog.storage.folder import FOLDER, FolderStorage, open_image_storage
from jiedan.catalog.values import Image, ImageId, ProductId, Rendition
from tests.base import web_client
from tests.catalog.factories import goods, saved
from tests.catalog.test_images import age
from tests.conftest import FakeClock


def drawn(size: tuple[int, int], kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """Return a picture in one color."""
    output = io.BytesIO()
    PIL.Image.new(mode, size, (200, 30, 30, 128)[: len(mode)]).save(output, kind)
    return output.getvalue()


def sizes(copies: tuple[pictures.Copy, ...]) -> Mapping[int, tuple[int, int]]:
    """Return what copies measure, by their edge."""
    return {each.edge_px: (each.picture.width_px, each.picture.height_px) for each in copies}


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    """Return the storage of a process whose home that is."""
    return FolderStorage(tmp_path / FOLDER)


@pytest.fixture
async def product_id(db: Database, scope: Scope) -> UUID:
    """Return a product without pictures."""
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("A"))
    return done.product_id


async def older(db: Database, scope: Scope, storage: FolderStorage, product_id: UUID, content: bytes) -> Image:
    """Add a picture as it was done before there were copies."""
    key = key_of(scope.tenant, content, "jpg")
    await storage.put(key, content)
    async with db.begin(scope) as tx:
        return await service.add_image(
            tx,
            product_id=product_id,
            storage_key=key,
            media_type="image/jpeg",
            width_px=600,
            height_px=400,
            size_bytes=len(content),
        )


async def edges(db: Database, scope: Scope, image: Image) -> list[int]:
    """Return which copies a picture has."""
    async with db.read(scope) as tx:
        return [each.edge_px for each in (await queries.image(tx, image_id=image.image_id)).renditions]


def test_a_picture_has_copies_that_are_smaller_than_it() -> None:
    assert sizes(pictures.copies(drawn((2_000, 500)))) == {160: (160, 40), 480: (480, 120), 960: (960, 240)}
    assert sizes(pictures.copies(drawn((300, 480)))) == {160: (100, 160)}
    assert pictures.copies(drawn((160, 20))) == ()
    (small,) = pictures.copies(drawn((200, 200), "PNG", "RGBA"))
    read = PIL.Image.open(io.BytesIO(small.picture.content))
    assert (read.format, read.mode, read.size) == ("WEBP", "RGBA", (160, 160))
    assert small.picture.media_type == "image/webp"


def test_no_copy_is_made_of_what_is_too_large_or_no_picture() -> None:
    with pytest.raises(errors.ImageTooLarge):
        pictures.copies(drawn((9_000, 9_000), "PNG", "L"))
    for broken in (b"", b"<svg/>", drawn((600, 400))[:300]):
        with pytest.raises(errors.ImageUnreadable):
            pictures.copies(broken)


def test_a_browser_is_told_of_every_size() -> None:
    image = Image(ImageId(UUID(int=1)), ProductId(UUID(int=2)), None, 0, "k", "image/jpeg", 600, 300, 9, "A cup")
    assert sources.source(image, "/i/1") == ("/i/1", "", 600, 300, "A cup")
    two = (Rendition(160, "s", "image/webp", 160, 80, 5), Rendition(480, "m", "image/webp", 480, 240, 7))
    image = dataclasses.replace(image, renditions=two)
    told = sources.source(image, "/i/1")
    assert told.srcset == "/i/1?edge=160 160w, /i/1?edge=480 480w, /i/1 600w"
    assert (told.src, told.width_px, told.height_px) == ("/i/1?edge=480", 480, 240)
    assert sources.stored(image, None) == ("k", "image/jpeg", True)
    assert sources.stored(image, 160) == ("s", "image/webp", True)
    assert sources.stored(image, 960) == ("k", "image/jpeg", False)


async def test_an_upload_has_its_copies_at_once(db: Database, scope: Scope, tmp_path: Path, product_id: UUID) -> None:
    caller = web_client.principal(permissions={"catalog:read", "catalog:write"}, tenant=scope.tenant)
    async with web_client.open_client(
        routers=[ROUTER], principal=caller, database=db, parts=[open_image_storage], home=tmp_path
    ) as client:
        place = f"/api/v1/products/{product_id}/images"
        made = (await client.post(place, content=drawn((600, 300)))).json()
        assert [(x["edge_px"], x["width_px"], x["height_px"]) for x in made["renditions"]] == [
            (160, 160, 80),
            (480, 480, 240),
        ]
        small = await client.get(made["renditions"][0]["url"])
        assert (small.headers["content-type"], "immutable" in small.headers["cache-control"]) == ("image/webp", True)
        assert PIL.Image.open(io.BytesIO(small.content)).size == (160, 80)
        standing_in = await client.get(f"{made['url']}?edge=960")
        assert standing_in.headers["content-type"] == "image/jpeg"
        assert standing_in.headers["cache-control"] == "private, max-age=60"
        assert (await client.get(f"{made['url']}?edge=0")).status_code == 422
        assert (await client.get(place)).json() == [made]
        assert (await client.delete(made["url"])).status_code == 204
        assert (await client.get(made["renditions"][0]["url"])).status_code == 404


async def test_pictures_of_before_get_their_copies_once(
    db: Database, scope: Scope, storage: FolderStorage, product_id: UUID
) -> None:
    first = await older(db, scope, storage, product_id, drawn((600, 400)))
    broken = await older(db, scope, storage, product_id, b"no picture")
    lost = await older(db, scope, storage, product_id, drawn((600, 401)))
    await storage.remove(lost.storage_key, before=db.clock.now() + timedelta(days=40_000))
    assert await edges(db, scope, first) == []
    assert await service.render_images(db, storage, tenant=scope.tenant) == 2
    assert [await edges(db, scope, x) for x in (first, broken, lost)] == [[160, 480], [], []]
    assert await service.render_images(db, storage, tenant=scope.tenant) == 0
    await storage.put(lost.storage_key, drawn((600, 401)))
    assert await service.render_images(db, storage, tenant=scope.tenant) == 1
    assert await edges(db, scope, lost) == [160, 480]


async def test_a_picture_that_is_gone_meanwhile_gets_no_copies(
    db: Database, scope: Scope, storage: FolderStorage, product_id: UUID
) -> None:
    image = await older(db, scope, storage, product_id, drawn((600, 400)))
    copies = [Rendition(160, image.storage_key, "image/webp", 160, 107, 9)]
    async with db.begin(scope) as tx:
        assert await service.record_renditions(tx, image_id=image.image_id, renditions=copies)
        assert await service.record_renditions(tx, image_id=image.image_id, renditions=copies)
        await service.remove_image(tx, image_id=image.image_id)
        assert not await service.record_renditions(tx, image_id=image.image_id, renditions=copies)


async def test_the_job_renders_and_the_sweep_leaves_copies_that_are_named(
    db: Database, scope: Scope, tmp_path: Path, product_id: UUID, clock: FakeClock
) -> None:
    storage = FolderStorage(tmp_path / FOLDER)
    image = await older(db, scope, storage, product_id, drawn((600, 400)))
    caller = web_client.principal(permissions=["catalog:read"], tenant=scope.tenant)
    async with web_client.open_client(
        routers=[], principal=caller, database=db, parts=[open_image_storage], home=tmp_path
    ):
        await jobs.render_images(db)
        age(tmp_path / FOLDER, clock.now() - timedelta(days=2))
        await jobs.sweep_images(db)
    async with db.begin(scope) as tx:
        named = [each.storage_key for each in (await queries.image(tx, image_id=image.image_id)).renditions]
        await service.remove_image(tx, image_id=image.image_id)
    assert [await storage.get(key) is not None for key in named] == [True, True]
    assert await service.sweep_images(db, storage, tenant=scope.tenant) == 3
    assert [await storage.get(key) for key in named] == [None, None]
    assert all(key.endswith(".webp") for key in named)
