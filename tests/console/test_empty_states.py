"""What a merchant with nothing sees: each list says what it is for, and leads to what to do first."""

import re
from pathlib import Path

from litestar.routes import HTTPRoute

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, SELF
from jiedan.base.db import Database
from tests.accounts import factories
from tests.base import web_client
from tests.browser.pages import NO_PAGES

BLOCK = re.compile(r'<div class="empty[^"]*">(.*?)</div>', re.DOTALL)

CARDS_OF_HOME = frozenset({"Nobody else changed anything.", "No open cases.", "Everything is well stocked."})
"""Parts of a page whose heading and link say the rest."""

WITHOUT_BUTTON = frozenset(
    {
        "Nothing was imported yet.",
        "No postal area fits.",
        "No replays yet.",
        "No kind of box is set up: the pack station suggests none.",
        "There are no categories yet.",
        "There are no groups yet.",
    }
)
"""What to do first is the form on the same page."""

NOTHING_TO_DO = frozenset(
    {"Nothing fits.", "Nothing has failed.", "Nothing to report.", "The books were not checked yet.", "No mail fits."}
)
"""What comes by itself, or is begun at the head of the page."""

STATUS = {"/join": 404}
"""How pages answer that need more than their address: this one a link that was sent."""

PAGES_MIN = 60
BLOCKS_MIN = 25


def pages_of_the_console(client: web_client.Client) -> list[str]:
    """Return the paths of the pages that are about no single thing."""
    app: object = client.frame.app
    return sorted(
        route.path.removeprefix("/c/{slug:str}")
        for route in getattr(app, "routes", ())
        if isinstance(route, HTTPRoute)
        and "GET" in route.methods
        and route.path.startswith("/c/{slug:str}/")
        and "{" not in route.path.removeprefix("/c/{slug:str}")
        and not any(part in route.path for part in NO_PAGES)
    )


async def test_every_list_without_anything_says_what_it_is_for(db: Database, tmp_path: Path) -> None:
    at = await factories.opened(db)
    rights = {*ALL_PERMISSIONS, SELF}
    who = web_client.principal(permissions=rights, tenant=at.tenant, locale="en", actor=at.scope.actor)
    found: list[str] = []
    blocks = 0
    async with web_client.open_client(
        routers=wiring.ROUTERS,
        principal=who,
        session=True,
        parts=[factories.open_fast_passwords if part is accounts.open_passwords else part for part in wiring.PARTS],
        navigation=wiring.NAVIGATION,
        permissions=wiring.PERMISSIONS,
        database=db,
        home=tmp_path,
    ) as client:
        paths = pages_of_the_console(client)
        for path in paths:
            answer = await client.get(f"/c/acme{path}", headers={"accept": "text/html"})
            if answer.status_code != STATUS.get(path, 200):
                found.append(f"{path}: answered {answer.status_code}")
            for block in BLOCK.findall(answer.text):
                blocks += 1
                found += [f"{path}: {wrong}" for wrong in _wrong(block)]
    assert len(paths) >= PAGES_MIN
    assert blocks >= BLOCKS_MIN
    assert not found, "\n".join(found)


def _wrong(block: str) -> list[str]:
    said = (re.findall(r"<b>([^<]*)</b>", block) or [""])[0].replace("&#39;", "'")
    if said in CARDS_OF_HOME:
        return []
    wrong = []
    if "<p>" not in block:
        wrong.append(f"{said!r} does not say what this is for")
    if 'class="btn' not in block and said not in WITHOUT_BUTTON | NOTHING_TO_DO:
        wrong.append(f"{said!r} leads nowhere")
    return wrong
