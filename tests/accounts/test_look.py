"""The color a merchant chooses, from the form and the API to every page of the console."""

from jiedan.base.db import Database
from jiedan.base.web import accent
from tests.accounts import factories
from tests.accounts.test_pages import HTML, page, settings_form


async def test_a_merchants_color_is_on_every_page(db: Database) -> None:
    at = await factories.opened(db)
    address = f"/c/{at.slug}/settings"
    async with factories.application(db) as client:
        await factories.enter(client, at)
        assert "/accent/" not in await page(client, address)
        await client.submit(address, settings_form(slug=at.slug, accent_hue="150"))
        green = await page(client, address)
        assert accent.url(150) in green
        assert '<option value="150" selected>Green</option>' in green
        refused = await client.submit(address, settings_form(slug=at.slug, version=2, accent_hue="360"))
        assert refused.status_code == 422
        await client.submit(address, settings_form(slug=at.slug, version=2))
        assert "/accent/" not in await page(client, address)


async def test_the_api_takes_every_hue_and_the_page_shows_it(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    async with factories.application(db) as client:
        bearer = {"authorization": f"Bearer {key.credential}"}
        wrong = await client.patch("/api/v1/settings", json={"accent_hue": 360}, headers={**bearer, "if-match": '"1"'})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "accent_hue")
        await client.patch("/api/v1/settings", json={"accent_hue": 7}, headers={**bearer, "if-match": '"1"'})
        await factories.enter(client, at)
        shown = (await client.get(f"/c/{at.slug}/settings", headers=HTML)).text
        assert '<option value="7" selected>Hue 7</option>' in shown
