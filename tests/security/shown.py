"""Forms as a merchant's own pages show them, by the path they are sent to: what is sent with another's id would do."""

from collections.abc import Mapping

from jiedan.base.web import csrf, sending
from jiedan.base.web.site import SESSION_COOKIE
from tests.api import filling
from tests.api.worlds import World
from tests.base import web_client

Fields = dict[str, list[str]]


async def forms(client: web_client.Client, world: World, routes: list[tuple[str, str]]) -> Mapping[str, Fields]:
    """Return the fields of each form about the merchant's own things, as its pages show it; `routes` are all there are.

    What must be filled in and is empty has a sample.
    """
    wanted = {world.address(path): path for method, path in routes if method == "POST" and _is_page(path)}
    found: dict[str, Fields] = {}
    async with web_client.Client(client.frame) as staff, web_client.Client(client.frame) as shopper:
        staff.cookies.set(SESSION_COOKIE, world.session)
        name, _, secret = world.shopper.partition("=")
        shopper.cookies.set(name, secret)
        for method, path in routes:
            if method == "GET" and _is_page(path):
                browser = shopper if path.startswith("/s/") else staff
                for form in await filling.shown(browser, world.address(path)):
                    led_to = wanted.get(form.action.partition("?")[0])
                    if led_to is not None:
                        kept = filling.fields_of(form).items()
                        found.setdefault(led_to, {k: v for k, v in kept if k not in {csrf.FIELD, sending.FIELD}})
    return found


def _is_page(path: str) -> bool:
    return path.startswith(("/c/", "/s/"))
