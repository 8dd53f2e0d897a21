"""What browsers get is built when it is stale, is bare where npm is not, and is in every wheel."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jiedan.base.web.assets import OF_OTHERS, Assets
from tools import assets

WEB = assets.WEB


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build a copy of our own files, on a machine without npm."""
    folder = tmp_path / "static"
    shutil.copytree(assets.STATIC, folder, ignore=shutil.ignore_patterns("dist", ".dist-*"))

    def without_npm(_made: Path) -> None:
        raise assets.Unbuildable("npm failed (code ENOTFOUND)")

    monkeypatch.setattr(assets, "STATIC", folder)
    monkeypatch.setattr(assets, "DIST", folder / "dist")
    monkeypatch.setattr(assets, "_bundle", without_npm)
    return folder


def test_what_is_pinned_names_no_host_and_one_version() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert '"resolved"' not in lock
    packages = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    pinned = {**packages["dependencies"], **packages["devDependencies"]}
    locked = json.loads(lock)["packages"]
    for name, version in pinned.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is not pinned to one version"
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all(each.get("integrity") for path, each in locked.items() if path)


def test_without_npm_the_build_is_bare_says_so_once_and_asks_again_when_told(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "npm failed (code ENOTFOUND)" in assets.build()
    bare = Assets(static)
    assert all(bare.url(name) is None for name in OF_OTHERS)
    sheet = bare.named("app.css")
    assert [coding for coding, _ in sheet.compressed] == ["br", "gzip"]
    assert b"light-dark(" not in sheet.content, "the sheet is lowered to older browsers"
    assert sheet.content.startswith(b"@layer"), "the layers are declared first"

    def fail(_made: Path) -> None:
        pytest.fail("what is fresh is not built again, and npm is not asked each time")

    monkeypatch.setattr(assets, "_bundle", fail)
    assert "make assets" in assets.build()
    monkeypatch.undo()


def test_a_wheel_is_not_built_bare(static: Path) -> None:
    with pytest.raises(assets.Unbuildable):
        assets.build(strict=True)


def test_our_own_files_do_not_take_names_of_others() -> None:
    own = {file.name for file in assets.sources()}
    assert not own & {file.name for file in (WEB / "entries").iterdir()}
    assert not own & OF_OTHERS


@pytest.mark.skipif(not assets.built().get("is_whole"), reason="THE ASSETS ARE BARE HERE: no wheel was built")
def test_a_wheel_has_everything(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=assets.ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = "jiedan/base/web/static/dist/"
    manifest = json.loads(zipfile.ZipFile(wheel).read(f"{folder}manifest.json"))
    assert manifest["files"].keys() >= OF_OTHERS
    for built in manifest["files"].values():
        assert {folder + built["file"], *(f"{folder}{built['file']}.{end}" for end in built["codings"])} <= names
    assert {f"{folder}land.json", f"{folder}THIRD-PARTY.txt", "jiedan/base/web/templates/base/page.html"} <= names
    assert not [name for name in names if "node_modules" in name or "/.dist-" in name]
