import pytest

from jiedan.base.web import accent
from tests.base import things, web_client

TEXT_MIN = 4.5
"""WCAG 2.2, 1.4.3."""

SURFACES = (("#ffffff", "#f8fafc", "#f5f7fa", "#eef1f4"), ("#14171e", "#191d24", "#0b0e14", "#21252d"))
"""What accents stand on, light and dark: surface, surface-2, bg, sunk."""


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_every_hue_can_be_read(mode: int) -> None:
    poor = []
    for hue in range(accent.HUES):
        shade = {name: accent.color(pair[mode], hue) for name, pair in accent.SHADES.items()}
        pairs = [(shade["accent"], surface) for surface in (*SURFACES[mode], shade["accent-bg"])]
        pairs += [(shade[name], shade["on-accent"]) for name in ("accent", "accent-press")]
        pairs += [(shade["mark"], "#ffffff")]
        poor += [(hue, *pair) for pair in pairs if accent.contrast(*pair) < TEXT_MIN]
    assert poor == []


def test_the_house_has_its_own_hue() -> None:
    assert (accent.color(accent.SHADES["accent"].light, 268), accent.color(accent.SHADES["accent"].dark, 268)) == (
        "#324fcf",
        "#88a7fd",
    )


def test_contrast_is_what_wcag_says() -> None:
    assert accent.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert accent.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


async def test_a_page_has_the_accent_of_its_merchant() -> None:
    caller = web_client.principal(permissions={things.READ}, hue=150)
    async with web_client.open_client(routers=things.ROUTERS, principal=caller, session=True) as client:
        page = await client.get("/c/acme/things", headers={"accept": "text/html"})
        assert f'<link rel="stylesheet" href="{accent.url(150)}">' in page.text
        sheet = await client.get(accent.url(150))
        assert (sheet.status_code, sheet.headers["content-type"].split(";")[0]) == (200, "text/css")
        assert "immutable" in sheet.headers["cache-control"]
        assert "--accent:" in sheet.text
        for address in ("/accent/000000000000/150.css", "/accent/x/360.css", "/accent/x/-1.css", "/accent/x/²"):
            assert (await client.get(address)).status_code == 404, address
