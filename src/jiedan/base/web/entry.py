"""The door of a merchant's console: `/c/{slug}` leads to the first page its caller may see, or to the sign-in."""

from urllib.parse import quote

from litestar import Response, get
from litestar.enums import MediaType

from jiedan.base.web import routing
from jiedan.base.web.routing import CONSOLE_PATH
from jiedan.base.web.site import SIGN_IN_PATH
from jiedan.base.web.unit import Unit


@get(CONSOLE_PATH, public=True)
async def enter_console(unit: Unit, slug: str) -> Response[str]:
    """Send people on; the gate has refused another merchant's staff already."""
    target = "/" if unit.visitor is not None else f"{SIGN_IN_PATH}?next={quote(f'/c/{slug}/', safe='/')}"
    return Response("", status_code=303, headers={"Location": target}, media_type=MediaType.HTML)


ROUTER = routing.root([enter_console])
