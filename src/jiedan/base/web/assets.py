"""Our own CSS and JavaScript, kept in memory and addressed by content, so that browsers may keep them for ever."""

import hashlib
import mimetypes
from importlib import resources
from typing import NamedTuple

URL_PREFIX = "/static"
HASH_LENGTH = 12
CACHE_FOREVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """One file with its address."""

    url: str
    media_type: str
    content: bytes


class Assets:
    """Know every file of `base/web/static` by name and by address."""

    def __init__(self) -> None:
        folder = resources.files("jiedan.base.web").joinpath("static")
        self._by_name: dict[str, Asset] = {}
        for file in folder.iterdir():
            if file.is_file() and not file.name.startswith("."):
                content = file.read_bytes()
                digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
                media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                self._by_name[file.name] = Asset(f"{URL_PREFIX}/{digest}/{file.name}", media_type, content)
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Return the address of the file `name`. Raises KeyError for one that does not exist: a bug in a template."""
        return self._by_name[name].url

    def at(self, url: str) -> Asset | None:
        """Return the file at an address, or None."""
        return self._by_url.get(url)
