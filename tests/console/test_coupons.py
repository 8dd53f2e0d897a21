"""Coupons, as staff make, list, change and block them."""

import re
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import saving
from jiedan.pricing.service import naming
from jiedan.pricing.values.coupons import COUPONS_AT_ONCE_MAX
from tests.base import web_client
from tests.conftest import NOON
from tests.console.test_goods import browsing, shown
from tests.pricing import coupon_factories as factories
from tests.pricing.coupon_factories import codes_of, redeem, use

LIST_STATEMENTS_MAX = 2
BATCH_STATEMENTS_MAX = 3
LINK = re.compile(r"/coupons/([0-9a-f-]{36})")
CODE = re.compile(r'data-copy="([^"]+)"')


async def make(client: web_client.Client, **fields: str) -> httpx2.Response:
    asked = {"key": "one-page", "promotion": "spring", **fields}
    return await client.submit("/c/acme/coupons", asked, page="/c/acme/coupons/new")


async def test_codes_are_made_listed_shown_and_fetched(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    async with browsing(db, scope) as client:
        assert "There are no coupons yet." in await shown(client, "/coupons")
        made = await make(client, size="3", prefix="vip", uses_max="1", last_day="2999-12-31", note="For letters.")
        assert made.status_code == 303, made.text
        with recorder.watching() as sent:
            listed = await shown(client, "/coupons")
        assert len(sent) <= LIST_STATEMENTS_MAX, sent
        (batch_id,) = set(LINK.findall(listed))
        with recorder.watching() as sent:
            page = await shown(client, f"/coupons/{batch_id}")
        assert len(sent) <= BATCH_STATEMENTS_MAX, sent
        file = await client.get(f"/c/acme/coupons/{batch_id}/file")
        assert batch_id in await shown(client, "/coupons?promotion=spring")
        assert "No coupons open this promotion." in await shown(client, "/coupons?promotion=summer")
    codes = CODE.findall(page)
    assert len(set(codes)) == 3
    assert all(code.startswith("VIP-") and code in file.text for code in codes)
    assert "For letters." in listed
    assert "2999" in listed


async def test_words_of_ones_own_are_made_added_and_blocked(db: Database, scope: Scope) -> None:
    async with browsing(db, scope) as client:
        await make(client, codes="Spring-10\n双十一\n")
        (batch_id,) = set(LINK.findall(await shown(client, "/coupons")))
        at = f"/c/acme/coupons/{batch_id}"
        added = await client.submit(f"{at}/codes", {"codes": "summer 20"}, page=at)
        taken = await client.submit(f"{at}/codes", {"codes": "SUMMER-20"}, page=at)
        page = await shown(client, f"/coupons/{batch_id}")
        coupon_id = re.findall(r'name="coupon_id" value="([^"]+)"', page)[0]
        blocked = await client.submit(f"{at}/blocking", {"coupon_id": coupon_id, "is_blocked": "1"}, page=at)
        after = await shown(client, f"/coupons/{batch_id}")
        opened = await client.submit(f"{at}/blocking", {"coupon_id": coupon_id}, page=at)
    assert (added.status_code, taken.status_code, blocked.status_code, opened.status_code) == (303, 409, 303, 303)
    assert "There is a coupon SUMMER20 already." in taken.text
    assert CODE.findall(page) == ["SPRING10", "双十一", "SUMMER20"]
    assert "Blocked</span>" in after


async def test_a_batch_is_changed_and_what_is_stale_is_told(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope, valid_until=NOON + timedelta(days=3))
    at = f"/c/acme/coupons/{made.batch_id}"
    async with browsing(db, scope) as client:
        fields = {"version": "1", "first_day": "2026-11-01", "last_day": "", "note": "Longer.", "is_blocked": "1"}
        changed = await client.submit(f"{at}/changes", fields, page=at)
        stale = await client.submit(f"{at}/changes", fields, page=at)
        backwards = {"version": "2", "first_day": "2026-11-02", "last_day": "2026-11-01"}
        wrong = await client.submit(f"{at}/changes", backwards, page=at)
        beyond = await client.submit(f"{at}/changes", {"version": "2", "last_day": "9999-12-31"}, page=at)
        page = await shown(client, f"/coupons/{made.batch_id}")
    assert (changed.status_code, stale.status_code, wrong.status_code, beyond.status_code) == (303, 409, 422, 422)
    assert "These coupons end before they begin." in wrong.text
    assert "Longer." in page
    assert await codes_of(db, scope, use(coupon="SPRING10")) == ["blocked"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "It is not clear which codes to make."),
        ({"size": "0"}, "1"),
        ({"size": "100001"}, "100"),
        ({"size": "3", "codes": "SPRING10"}, "It is not clear which codes to make."),
        ({"size": "3", "prefix": "a/b"}, "Codes cannot begin with “a/b”."),
        ({"codes": "50%"}, "“50%” cannot be a coupon code."),
        ({"size": "3", "first_day": "2026-12-02", "last_day": "2026-12-01"}, "These coupons end before they begin."),
        ({"size": "3", "promotion": ""}, "Please fill this in."),
    ],
)
async def test_what_cannot_be_made_is_told_with_the_form(
    db: Database, scope: Scope, fields: dict[str, str], said: str
) -> None:
    async with browsing(db, scope) as client:
        refused = await make(client, note="Kept as it was typed.", **fields)
        assert (refused.status_code, said in refused.text) == (422, True), refused.text
        assert "Kept as it was typed." in refused.text
        assert "There are no coupons yet." in await shown(client, "/coupons")


async def test_many_codes_show_how_far_they_are(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope, size=COUPONS_AT_ONCE_MAX + 1)
    async with browsing(db, scope) as client:
        page = await shown(client, f"/coupons/{made.batch_id}")
    assert "Codes are being made" in page
    assert 'hx-trigger="every 2s"' in page
    assert "No code is made yet." in page


async def test_the_promotion_is_chosen_among_those_that_coupons_open(db: Database, scope: Scope) -> None:
    async with browsing(db, scope) as client:
        none = await shown(client, "/coupons/new")
        new = "/c/acme/prices/promotions/new"
        for code, wants in (("spring", "1"), ("summer", "")):
            fields = {"kind": "percent_off", "id": code, "name": f"The {code}", "off": "5%", "coupon": wants}
            await client.submit(new, fields, page=f"{new}?kind=percent_off")
        some = await shown(client, "/coupons/new?promotion=spring")
        refused = await make(client, promotion="autumn")
        listed = await shown(client, "/coupons")
    assert "There is none yet" in none
    assert '<option value="spring" selected>The spring (spring) – not published yet</option>' in some
    assert "summer" not in some
    assert "<option selected>autumn</option>" in refused.text
    assert 'href="/c/acme/prices/calendar"' in listed


async def test_codes_are_for_those_who_may_edit_prices(db: Database, scope: Scope) -> None:
    made = await factories.batch(db, scope)
    await redeem(db, scope, use(coupon="SPRING10"))
    at = f"/coupons/{made.batch_id}"
    async with browsing(db, scope, frozenset({"prices:read"})) as client:
        page = await shown(client, at)
        assert "SPRING10" not in page
        assert "Codes are shown to who may make coupons" in page
        await shown(client, f"{at}/file", 403)
        await shown(client, "/coupons/new", 403)


async def test_coupons_are_made_for_customers_who_are_picked_by_name(db: Database, scope: Scope) -> None:
    mei = await factories.customer(db, scope, name="Mei Han", phone=None, email="mei@example.com")
    await factories.act(db, scope, saving.write_terms, customer_ids={mei})
    async with browsing(db, scope) as client:
        made = await make(client, codes="ONLY-MEI", is_personal="1")
        assert made.status_code == 303, made.text
        (batch_id,) = set(LINK.findall(await shown(client, "/coupons")))
        at = f"/c/acme/coupons/{batch_id}"
        assert "For nobody yet" in await shown(client, f"/coupons/{batch_id}")
        assert "No other customer fits" in await shown(client, f"/coupons/{batch_id}?customer=nobody")
        found = await shown(client, f"/coupons/{batch_id}?customer=mei")
        assert f'name="customer_id" value="{mei}"' in found
        added = await client.submit(f"{at}/customers", {"customer_id": str(mei), "is_named": "1"}, page=at)
        page = await shown(client, f"/coupons/{batch_id}")
        assert (added.status_code, "Mei Han" in page, "For nobody yet" in page) == (303, True, False)
        assert await codes_of(db, scope, use(coupon="ONLY-MEI", customer_id=mei)) == ["redeemed"]
        gone = await client.submit(f"{at}/customers", {"customer_id": str(mei)}, page=at)
        assert gone.status_code == 303
        assert "For nobody yet" in await shown(client, f"/coupons/{batch_id}")
        assert "For single customers" in await shown(client, "/coupons")
    async with browsing(db, scope, frozenset({"prices:read", "prices:write"})) as client:
        await factories.act(
            db, scope, naming.change_customers, batch_id=UUID(batch_id), customer_ids=[mei], is_named=True
        )
        told = await shown(client, f"/coupons/{batch_id}?customer=mei")
    assert ("Mei Han" in told, "Who they are is shown to who may see customers." in told) == (False, True)
