"""Hosts of merchants' own: at one, a shop answers without its slug in the path.

What a host leads to is remembered for a minute, also that it leads nowhere, so a browser's every request does not ask
the database. Paths that belong to the installation as a whole stay what they are.
"""

import time
from collections import OrderedDict
from typing import Any

from jiedan.base import directory
from jiedan.base.db import Database

HOSTS_MAX = 10_000
BELIEVED_S = 60.0
HOST_CHARACTERS_MAX = 253

KEPT = frozenset({
    "_ui", "about", "accent", "api", "c", "forgotten-password", "in", "livez", "maps", "metrics", "offline", "pay",
    "preferences", "readyz", "s", "sign-in", "sign-out", "static", "sw.js",
})  # fmt: skip
"""What paths of the installation begin with, at every host: console, API, how staff come in, parts of pages."""


class Hosts:
    """Know which shop answers at a host; `own` is where the installation itself is reached."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._known: OrderedDict[str, tuple[str | None, float]] = OrderedDict()

    def concerns(self, scope: Any) -> str | None:
        """Return the host that a request names, where its path may be that of a shop; else None. Asks nobody."""
        path: str = scope["path"]
        if path[1:].partition("/")[0] in KEPT:
            return None
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower().partition(":")[0].rstrip(".")
                return None if host in {self._own, "", "localhost"} or len(host) > HOST_CHARACTERS_MAX else host
        return None

    async def slug_at(self, database: Database, host: str) -> str | None:
        """Return the slug of the shop at `host`, or None."""
        now_s = time.monotonic()
        known = self._known.get(host)
        if known is not None and known[1] > now_s:
            return known[0]
        slug = await directory.slug_by_host(database, host) if _is_name(host) else None
        self._known[host] = (slug, now_s + BELIEVED_S)
        self._known.move_to_end(host)
        if len(self._known) > HOSTS_MAX:
            self._known.popitem(last=False)
        return slug


def _is_name(host: str) -> bool:
    """Tell whether a merchant could have the host: a name with a dot, no address."""
    return "." in host and host.isascii() and not host.replace(".", "").isdigit()
