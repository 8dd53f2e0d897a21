"""Postal areas place addresses by the longest prefix that is listed."""

from jiedan.base.db import Database, Scope
from jiedan.sourcing import errors, events, queries, service
from jiedan.sourcing.api import ROUTER
from jiedan.sourcing.values import Point
from tests.base import web_client

ROWS = [
    service.PostalAreaRow("CN", "20", 31.0, 121.0),
    service.PostalAreaRow("CN", "2000", 31.23, 121.47),
    service.PostalAreaRow("br", "01-001", -23.55, -46.63),
    service.PostalAreaRow("CHINA", "1", 0.0, 0.0),
    service.PostalAreaRow("CN", "3", 91.0, 0.0),
]


async def test_the_longest_listed_prefix_wins(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        outcomes = await service.upsert_postal_areas(tx, rows=ROWS)
    assert [isinstance(o, errors.PostalAreaInvalid) for o in outcomes] == [False, False, False, True, True]
    asked = [("CN", "200001"), ("CN", "201100"), ("CN", "999999"), ("BR", "01001-000"), ("CN", "")]
    async with db.read(scope) as tx:
        places = await tx.load_one(queries.places(asked))
    assert [places.find(*code) for code in asked] == [
        Point(31.23, 121.47),
        Point(31.0, 121.0),
        None,
        Point(-23.55, -46.63),
        None,
    ]


async def test_a_prefix_that_is_too_long_is_refused_not_cut(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (outcome,) = await service.upsert_postal_areas(tx, rows=[service.PostalAreaRow("CN", "2" * 17, 31.0, 121.0)])
    assert isinstance(outcome, errors.PostalAreaInvalid)


async def test_what_is_set_is_told(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await service.upsert_postal_areas(tx, rows=ROWS)
        await service.upsert_postal_areas(tx, rows=ROWS[3:])
        told = [item.event for item in tx._emitted]
    assert told == [events.PostalAreasSet(merchant_id=scope.tenant, count=3, countries=("BR", "CN"))]


async def test_what_is_set_again_is_told_once(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        for _ in range(2):
            await service.upsert_postal_areas(tx, rows=ROWS)
        moved = ROWS[1]._replace(lat=31.24)
        await service.upsert_postal_areas(tx, rows=[*ROWS[:1], moved])
        told = [item.event for item in tx._emitted]
    assert [event.count for event in told if isinstance(event, events.PostalAreasSet)] == [3, 1]


async def test_a_table_with_a_bad_row_is_refused_whole(db: Database, scope: Scope) -> None:
    caller = web_client.principal(permissions=["settings:write"], tenant=scope.tenant)
    good = {"country": "CN", "prefix": "2000", "lat": 31.23, "lon": 121.47}
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        refused = await client.put("/api/v1/postal-areas", json={"postal_areas": [good, {**good, "country": "X"}]})
        async with db.read(scope) as tx:
            places = await tx.load_one(queries.places([("CN", "200001")]))
        saved = await client.put("/api/v1/postal-areas", json={"postal_areas": [good]})
    assert refused.json()["field"] == "postal_areas[1]"
    assert places.find("CN", "200001") is None
    assert saved.json() == {"saved": 1}


async def test_the_table_is_listed_page_by_page_and_shortened(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await service.upsert_postal_areas(tx, rows=ROWS[:3])
    caller = web_client.principal(permissions=["settings:read", "settings:write"], tenant=scope.tenant)
    at = "/api/v1/postal-areas"
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:

        async def listed(**asked: str | int) -> list[str]:
            answer = await client.get(at, params=asked)
            assert answer.status_code == 200, answer.text
            return [f"{x['country']} {x['prefix']}" for x in answer.json()["items"]]

        first = (await client.get(at, params={"limit": 2})).json()
        rest = await listed(limit=2, cursor=first["next"])
        assert [x["prefix"] for x in first["items"]] == ["01001", "20"]
        assert rest == ["CN 2000"]
        assert await listed(country="cn") == ["CN 20", "CN 2000"]
        assert await listed(country="CN", prefix="20-0") == ["CN 2000"]
        assert await listed(country="US") == []
        gone = await client.delete(f"{at}/cn/2000")
        again = await client.delete(f"{at}/CN/2000")
        assert await listed() == ["BR 01001", "CN 20"]
    assert gone.status_code == 204
    assert (again.status_code, again.json()["code"]) == (404, "postal_area_not_found")
