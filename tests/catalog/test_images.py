"""Bytes of pictures outlive neither their rows by much nor a crash before there is a row, and are never missed."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from jiedan.base.db import Database, Scope, Tx
from jiedan.catalog import jobs, service
from jiedan.catalog.storage import key_of
from jiedan.catalog.storage.folder import FOLDER, FolderStorage, open_image_storage
from jiedan.catalog.values import Image
from tests.base import web_client
from tests.catalog.factories import goods, saved
from tests.conftest import FakeClock
from tests.patience import until_it_waits

PICTURE, OTHER = b"a picture", b"another picture"


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    """Return an empty storage."""
    return FolderStorage(tmp_path)


async def product(db: Database, scope: Scope) -> UUID:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("A"))
    return done.product_id


async def add(tx: Tx, product_id: UUID, storage_key: str) -> Image:
    return await service.add_image(
        tx,
        product_id=product_id,
        storage_key=storage_key,
        media_type="image/jpeg",
        width_px=1,
        height_px=1,
        size_bytes=9,
    )


async def added(db: Database, scope: Scope, product_id: UUID, storage_key: str) -> Image:
    async with db.begin(scope) as tx:
        return await add(tx, product_id, storage_key)


def files_in(folder: Path) -> list[Path]:
    """Return every file below `folder`."""
    return [path for path in folder.rglob("*") if path.is_file()]


def age(folder: Path, at: datetime) -> None:
    """Let every file below `folder` have been written then."""
    for path in files_in(folder):
        os.utime(path, (at.timestamp(), at.timestamp()))


async def test_what_is_stored_again_lies_there_once_and_is_young(storage: FolderStorage, tmp_path: Path) -> None:
    merchant, before = UUID(int=1), datetime(2001, 1, 2, tzinfo=UTC)
    key = key_of(merchant, PICTURE, "jpg")
    await storage.put(key, PICTURE)
    age(tmp_path, before - timedelta(days=1))
    assert [keys async for keys in storage.aged(merchant, before=before)] == [[key]]
    await storage.put(key, PICTURE)
    assert [keys async for keys in storage.aged(merchant, before=before)] == []
    await storage.remove(key, before=before)
    assert await storage.get(key) == PICTURE
    assert len(files_in(tmp_path)) == 1


async def test_a_key_stays_inside_the_folder(storage: FolderStorage) -> None:
    for key in ("../secret", f"{UUID(int=1)}/3f/../../x.jpg", f"{UUID(int=1)}/3f/{'0' * 31}.jpg"):
        with pytest.raises(ValueError, match="no storage key"):
            await storage.get(key)
    with pytest.raises(ValueError, match="no merchant"):
        [keys async for keys in storage.aged("..", before=datetime(2001, 1, 2, tzinfo=UTC))]


async def test_the_sweep_removes_what_no_row_has_named_for_a_day(
    db: Database, scope: Scope, storage: FolderStorage, tmp_path: Path, clock: FakeClock
) -> None:
    product_id = await product(db, scope)
    shown, gone, orphan = (key_of(scope.tenant, content, "jpg") for content in (PICTURE, OTHER, b"a crash"))
    for key, content in ((shown, PICTURE), (gone, OTHER), (orphan, b"a crash")):
        await storage.put(key, content)
    await added(db, scope, product_id, shown)
    removed, twin = [await added(db, scope, product_id, gone) for _ in range(2)]
    draft = tmp_path / f"{shown.rpartition('/')[0]}/.draft"
    draft.touch()
    async with db.begin(scope) as tx:
        await service.remove_image(tx, image_id=removed.image_id)
    age(tmp_path, clock.now() - timedelta(hours=23))
    assert await service.sweep_images(db, storage, tenant=scope.tenant) == 0
    assert draft.exists()
    clock.advance(timedelta(hours=2))
    assert await service.sweep_images(db, storage, tenant=scope.tenant) == 1
    assert [await storage.get(key) for key in (shown, gone, orphan)] == [PICTURE, OTHER, None]
    assert not draft.exists()
    async with db.begin(scope) as tx:
        await service.remove_image(tx, image_id=twin.image_id)
    assert await service.sweep_images(db, storage, tenant=scope.tenant) == 1
    assert [await storage.get(key) for key in (shown, gone)] == [PICTURE, None]


async def test_the_sweep_leaves_what_is_being_named_at_that_moment(
    db: Database,
    scope: Scope,
    storage: FolderStorage,
    tmp_path: Path,
    clock: FakeClock,
    *,
    owner: psycopg.Connection[Any],
) -> None:
    product_id = await product(db, scope)
    key = key_of(scope.tenant, PICTURE, "jpg")
    await storage.put(key, PICTURE)
    age(tmp_path, clock.now() - timedelta(days=2))
    async with db.begin(scope) as tx:
        await add(tx, product_id, key)
        sweeping = asyncio.create_task(service.sweep_images(db, storage, tenant=scope.tenant))
        await until_it_waits(sweeping, owner)  # its first look finds no row; then it waits for the claim
        assert not sweeping.done()
    await sweeping
    assert await storage.get(key) == PICTURE


async def test_the_job_sweeps_the_storage_of_the_process(
    db: Database, scope: Scope, storage: FolderStorage, tmp_path: Path, clock: FakeClock
) -> None:
    with pytest.raises(LookupError, match="open_image_storage"):
        await jobs.sweep_images(db)
    key = key_of(scope.tenant, PICTURE, "jpg")
    await FolderStorage(tmp_path / FOLDER).put(key, PICTURE)
    age(tmp_path, clock.now() - timedelta(days=2))
    caller = web_client.principal(permissions=["catalog:read"], tenant=scope.tenant)
    async with web_client.open_client(
        routers=[], principal=caller, database=db, parts=[open_image_storage], home=tmp_path
    ):
        await jobs.sweep_images(db)
    assert await FolderStorage(tmp_path / FOLDER).get(key) is None
