"""What the frame shares between requests of one process."""

import dataclasses
from collections.abc import Iterable, Mapping

from jiedan.base.paging import Cursors
from jiedan.base.web.assets import Assets
from jiedan.base.web.auth import Authentication
from jiedan.base.web.csrf import Csrf
from jiedan.base.web.form_digests import FormDigests
from jiedan.base.web.limits import Limits
from jiedan.base.web.networks import Networks
from jiedan.base.web.templates import Templates
from jiedan.base.web.waiting import Waiting

SIGN_IN_PATH = "/sign-in"
SIGN_OUT_PATH = "/sign-out"

SESSION_COOKIE = "jd_session"
VISITOR_COOKIE = "jd_visitor"
FLASH_COOKIE = "jd_flash"


@dataclasses.dataclass(frozen=True)
class NavigationEntry:
    """A place in the console's side bar: `path` below `/c/{slug}`, `label` a message id, `icon` of `icons.svg`.

    `waiting` names the counter (see `waiting.py`) whose number stands beside it; `keys` is a chord like `g o`. On a
    phone the first three `on_phone` are tabs, the one that `is_scan` is the round button between them, the rest is
    under More. Pages at `path` and below it belong to the place; so do those at and below each of `areas`.
    """

    path: str
    label: str
    icon: str
    permission: str
    waiting: str = ""
    keys: str = ""
    on_phone: bool = False
    is_scan: bool = False
    areas: tuple[str, ...] = ()

    def nearness(self, path: str) -> int:
        """Return how much of `path`, below `/c/{slug}`, this place or one of its areas covers; 0 for none of it."""
        own = (area for area in (self.path, *self.areas) if path == area or path.startswith(f"{area}/"))
        return max(map(len, own), default=0)


def nearest(entries: Iterable[NavigationEntry], path: str) -> NavigationEntry | None:
    """Return the entry that a page belongs to: the one that covers most of its path, None where none does."""
    found = max(entries, key=lambda entry: entry.nearness(path), default=None)
    return found if found is not None and found.nearness(path) else None


@dataclasses.dataclass(frozen=True, eq=False)
class Site:
    """Hold the shared services of the frame."""

    is_https: bool
    authentication: Authentication
    csrf: Csrf
    form_digests: FormDigests
    cursors: Cursors
    networks: Networks
    limits: Limits
    assets: Assets
    templates: Templates
    navigation: tuple[NavigationEntry, ...]
    actions: tuple[NavigationEntry, ...]
    """What the command palette offers to do, besides going to places."""
    settings: tuple[NavigationEntry, ...]
    """The pages of what is set up, beside each other on each of them."""
    waiting: Waiting
    permissions: Mapping[str, str]
    """Message ids of what each permission allows."""

    def cookie_name(self, name: str) -> str:
        """Return the name a cookie has here: on https it carries `__Host-`, which binds it to this host and path."""
        return f"__Host-{name}" if self.is_https else name
