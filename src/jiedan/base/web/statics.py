"""The route of our own CSS and JavaScript."""

from typing import Any

from litestar import Request, Response, get

from jiedan.base.web import exchange, routing
from jiedan.base.web.assets import CACHE_FOREVER, URL_PREFIX
from jiedan.base.web.errors import NoSuchPage


@get(URL_PREFIX + "/{digest:str}/{name:str}", public=True, unlimited=True)
async def static_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer a file of ours; its address changes with its content."""
    asset = exchange.of(request.scope).site.assets.at(request.scope["path"])
    if asset is None:
        raise NoSuchPage
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": CACHE_FOREVER})


ROUTER = routing.root([static_file])
