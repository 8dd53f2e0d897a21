"""Where a module's handlers are mounted."""

from collections.abc import Sequence

from litestar import Router
from litestar.types import ControllerRouterHandler

API_PATH = "/api/v1"
CONSOLE_PATH = "/c/{slug:str}"
_SHOPS = "/s/"
SHOP_PATH = _SHOPS + "{slug:str}"


def api(tag: str, handlers: Sequence[ControllerRouterHandler]) -> Router:
    """Mount REST handlers under `/api/v1`; `tag` is their heading in the reference."""
    return Router(API_PATH, route_handlers=handlers, tags=[tag])


def console(handlers: Sequence[ControllerRouterHandler]) -> Router:
    """Mount pages of the console under `/c/{slug}`; the gate checks the slug."""
    return Router(CONSOLE_PATH, route_handlers=handlers, include_in_schema=False)


def shop(handlers: Sequence[ControllerRouterHandler]) -> Router:
    """Mount pages of merchants' shops under `/s/{slug}`: public, for visitors alone."""
    return Router(SHOP_PATH, route_handlers=handlers, include_in_schema=False, opt={"public": True, "storefront": True})


def shop_of(path: str) -> str | None:
    """Return the slug of the shop whose page `path` is, or would be; None elsewhere."""
    return path.removeprefix(_SHOPS).partition("/")[0] or None if path.startswith(_SHOPS) else None


def root(handlers: Sequence[ControllerRouterHandler]) -> Router:
    """Mount handlers at their own absolute paths, outside the reference: sign-in, health, incoming webhooks."""
    return Router("/", route_handlers=handlers, include_in_schema=False)
