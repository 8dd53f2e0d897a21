"""The route of what browsers run and keep: our own files, and what the build made."""

from typing import Any

from litestar import Request, Response, get

from jiedan.base.web import exchange, routing
from jiedan.base.web.assets import CACHE_FOREVER, URL_PREFIX
from jiedan.base.web.errors import NoSuchPage


@get(URL_PREFIX + "/{digest:str}/{name:str}", public=True, unlimited=True)
async def static_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer a file, compressed as the browser takes it; its address changes with its content."""
    call = exchange.of(request.scope)
    asset = call.site.assets.at(request.scope["path"])
    if asset is None:
        raise NoSuchPage
    content, coding = asset.best(call.header(b"accept-encoding"))
    headers = {"Cache-Control": CACHE_FOREVER}
    if asset.compressed:
        headers["Vary"] = "Accept-Encoding"
    if coding is not None:
        headers["Content-Encoding"] = coding
    return Response(content, media_type=asset.media_type, headers=headers)


ROUTER = routing.root([static_file])
