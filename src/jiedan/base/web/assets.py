"""What browsers get: our own files and what `tools/assets.py` built, addressed by content and kept for ever.

A build is whole, bare (without the scripts of others) or not there at all. Our own files are taken from it only while
they are those that it was made from; else from the source, where our sheets are joined but nothing is bundled.
"""

import dataclasses
import functools
import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

URL_PREFIX = "/static"
HASH_LENGTH = 12
CACHE_FOREVER = "public, max-age=31536000, immutable"

OF_OTHERS = frozenset({"barcodes.js", "barcodes.wasm", "echarts.js", "htmx.js", "leaflet.css", "leaflet.js"})
"""What may be missing, where the build had no Node or no registry; pages leave out what needs it."""

SHEET, FIRST_SHEET = "app.css", "base.css"
"""Our sheets joined, the declaration of layers first."""

STANDALONE_SHEETS = frozenset({"print.css"})

NOTICES = "THIRD-PARTY.txt"

Coding = Literal["br", "gzip"]

_CODINGS: dict[str, Coding] = {"br": "br", "gz": "gzip"}

_MEDIA_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "wasm": "application/wasm",
}
"""By the end of a name: what the system knows differs from machine to machine, and is much."""


class Content:
    """The bytes of a file; of one that was built, read when a browser first asks for it, and kept."""

    def __init__(self, source: bytes | Path) -> None:
        self._source = source

    def read(self) -> bytes:
        """Return the bytes."""
        if isinstance(self._source, Path):
            self._source = self._source.read_bytes()
        return self._source


@dataclasses.dataclass(frozen=True, eq=False)
class Asset:
    """One file with its address, and the files that hold it compressed, best first."""

    url: str
    media_type: str
    whole: Content
    compressed: tuple[tuple[Coding, Content], ...] = ()

    @property
    def content(self) -> bytes:
        """What is in it."""
        return self.whole.read()

    def best(self, accepted: str) -> tuple[bytes, Coding | None]:
        """Return the content in the best coding that `Accept-Encoding` names."""
        taken = {part.partition(";")[0].strip() for part in accepted.split(",") if not part.endswith(";q=0")}
        offered: Iterator[tuple[Content, Coding | None]] = (
            (content, coding) for coding, content in self.compressed if coding in taken
        )
        content, coding = next(offered, (self.whole, None))
        return content.read(), coding


class _Built(msgspec.Struct):
    file: str
    digest: str
    codings: list[str]


class _Manifest(msgspec.Struct):
    sources: str
    files: dict[str, _Built]


class Assets:
    """Know every file by name and by address; `folder` is `base/web/static` unless a test says otherwise."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(str(resources.files("jiedan.base.web").joinpath("static")))
        self._by_name = _sources(self._folder)
        self._by_name.update(_built(self._folder, self._by_name))
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str | None:
        """Return the address of the file `name`, or None for one of others that this build is without.

        Raises KeyError for a file that does not exist: a bug in a template.
        """
        asset = self._by_name.get(name)
        if asset is None and name in OF_OTHERS:
            return None
        return self._by_name[name].url

    def at(self, url: str) -> Asset | None:
        """Return the file at an address, or None."""
        return self._by_url.get(url)

    def named(self, name: str) -> Asset:
        """Return the file `name`. Raises KeyError."""
        return self._by_name[name]

    @functools.cached_property
    def notices(self) -> str:
        """The licenses of what others wrote and this build ships; empty where it ships nothing of theirs."""
        file = self._folder / "dist" / NOTICES
        return file.read_text(encoding="utf-8") if file.is_file() else ""


def _sources(folder: Path) -> dict[str, Asset]:
    """Return our own files under one digest, so that a module finds the ones it imports beside it."""
    files = {file.name: file.read_bytes() for file in _own(folder)}
    sheets = sorted(name for name in files if name.endswith(".css") and name not in STANDALONE_SHEETS)
    sheets.sort(key=lambda name: name != FIRST_SHEET)
    files[SHEET] = b"\n".join(files[name] for name in sheets)
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in files.values())).hexdigest()
    return {name: _asset(name, digest[:HASH_LENGTH], Content(content)) for name, content in files.items()}


def _own(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))


def _built(folder: Path, own: dict[str, Asset]) -> dict[str, Asset]:
    """Return what the last build made, without our own files where one of them has changed since."""
    dist = folder / "dist"
    try:
        manifest = msgspec.json.decode((dist / "manifest.json").read_bytes(), type=_Manifest)
    except FileNotFoundError:
        return {}
    digest = hashlib.sha256()
    for file in _own(folder):
        digest.update(hashlib.sha256(own[file.name].content).digest())
    is_current = digest.hexdigest() == manifest.sources
    found = {}
    for name, built in manifest.files.items():
        if is_current or name not in own:
            compressed = tuple((_CODINGS[end], Content(dist / f"{built.file}.{end}")) for end in built.codings)
            found[name] = _asset(name, built.digest, Content(dist / built.file), compressed)
    return found


def _asset(name: str, digest: str, content: Content, compressed: tuple[tuple[Coding, Content], ...] = ()) -> Asset:
    media_type = _MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return Asset(f"{URL_PREFIX}/{digest}/{name}", media_type, content, compressed)
