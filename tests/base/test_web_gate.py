import pytest
from litestar import get, post

from jiedan.base.ratelimit import TokenBuckets
from jiedan.base.web import gate, limits, routing, short
from jiedan.base.web.auth import PRINCIPALS_MAX, parse_api_key, parse_session
from jiedan.base.web.principals import SESSION
from jiedan.base.web.site import SESSION_COOKIE
from tests.base import things, web_client

READER = web_client.principal(permissions={things.READ})
WRITER = web_client.principal(permissions={things.READ, things.WRITE})
KEY = f"jd_{web_client.TENANT.hex}_secret"


async def test_an_application_with_an_undeclared_route_does_not_start() -> None:
    @get("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(gate.UndeclaredRoute, match=r"GET /api/v1/forgotten .*forgotten"):
        async with web_client.open_client(routers=[routing.api("Things", [forgotten])]):
            pass


async def test_a_route_cannot_be_public_and_need_a_permission() -> None:
    @get("/torn", public=True, permission="a:b")
    async def torn() -> None: ...

    with pytest.raises(gate.UndeclaredRoute, match="torn"):
        async with web_client.open_client(routers=[routing.api("Things", [torn])]):
            pass


async def test_a_route_that_does_more_cannot_go_the_short_way() -> None:
    @post("/things", public=True, short=True)
    async def add(data: things.Thing) -> None: ...

    with pytest.raises(short.NotShort, match="add must take exactly"):
        async with web_client.open_client(routers=[routing.api("Things", [add])]):
            pass


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        f"Basic {KEY}",
        "Bearer jd_nonsense_secret",
        f"Bearer jd_{web_client.TENANT.hex}_wrong",
        f"Bearer jd_{web_client.TENANT.hex}_",
        "Bearer jd_0193a000-0000-7000-8000-000000000002_secret",
        "Bearer " + "x" * 10_000,
    ],
)
async def test_nobody_gets_in_without_a_valid_key(header: str) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        response = await client.get("/api/v1/things", headers={"authorization": header})
    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated"
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_the_permission_is_checked_before_the_body_is_read() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        response = await client.post("/api/v1/things", content=b"not json at all")
    assert response.status_code == 403
    assert response.json()["data"] == {"permission": things.WRITE}


async def test_a_missing_permission_is_said_in_words() -> None:
    words = {things.WRITE: "Edit things"}
    async with web_client.open_client(routers=things.ROUTERS, principal=READER, permissions=words) as client:
        answer = (await client.post("/api/v1/things", content=b"{")).json()
    assert answer["detail"].startswith("This needs the permission “Edit things”.")
    assert answer["data"] == {"permission": things.WRITE}


async def test_a_public_route_knows_who_calls_if_told() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        assert (await client.get("/api/v1/open")).json() == {"known": True, "may": True}
        del client.headers["authorization"]
        assert (await client.get("/api/v1/open")).json() == {"known": False, "may": False}


async def test_who_holds_a_key_is_asked_once_a_minute() -> None:
    caller = web_client.OneCaller("bearer", READER)
    async with web_client.open_client(routers=things.ROUTERS, authenticators=[caller]) as client:
        client.headers["authorization"] = f"Bearer {KEY}"
        for _ in range(3):
            assert (await client.get("/api/v1/things")).status_code == 200
        assert caller.asked == 1
        client.frame.site.authentication.forget(READER.tenant)
        caller.secret = "another"
        assert (await client.get("/api/v1/things")).status_code == 401


async def test_another_merchants_pages_do_not_exist() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER, session=True) as client:
        assert (await client.get("/c/acme/things")).status_code == 200
        assert (await client.get("/c/globex/things")).status_code == 404


async def test_a_page_sends_strangers_to_the_sign_in_and_back() -> None:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        response = await client.get("/c/acme/things?status=open&x=1", headers={"accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in?next=/c/acme/things%3Fstatus%3Dopen%26x%3D1"


async def test_a_parameter_that_does_not_exist_is_refused_by_name() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        response = await client.get("/api/v1/things?limits=3")
        assert (await client.get("/api/v1/things?weight_g=3")).json()["weight_g"] == 3
    assert response.status_code == 422
    assert response.json()["field"] == "limits"
    assert response.json()["data"]["known"] == "cursor, kind, limit, weight_g"


async def test_a_parameter_told_twice_is_refused_by_name() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        response = await client.get("/api/v1/things?weight_g=3&weight_g=4")
    assert (response.status_code, response.json()["field"]) == (422, "weight_g")


@pytest.mark.parametrize(("address", "field"), [("/api/v1/names/a%00b", "name"), ("/api/v1/things?kind=a%00", "kind")])
async def test_addresses_hold_no_null_character(address: str, field: str) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        response = await client.get(address)
    assert response.status_code == 422
    assert (response.json()["code"], response.json()["field"]) == ("character_refused", field)


async def test_a_change_by_cookie_needs_the_token_of_the_page() -> None:
    form = {"name": "tea", "quantity": "1"}
    async with web_client.open_client(routers=things.ROUTERS, principal=WRITER, session=True) as client:
        for refused in (
            await client.post("/c/acme/things", data=form),
            await client.post("/c/acme/things", data={**form, "csrf_token": "0" * 64}),
            await client.post("/api/v1/things", json={"lines": []}),
        ):
            assert refused.status_code == 403
            assert refused.json()["code"] == "csrf_token_missing"
        assert (await client.submit("/c/acme/things", form)).status_code == 303
        token = client.frame.site.csrf.token(client.cookies[SESSION_COOKIE])
        assert (await client.post("/api/v1/things", json={"lines": []}, headers={"x-csrf-token": token})).is_success


async def test_the_token_of_one_session_is_not_good_for_another() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=WRITER, session=True) as client:
        token = client.frame.site.csrf.token("somebody else's session")
        response = await client.post("/c/acme/things", data={"name": "tea", "csrf_token": token})
    assert response.status_code == 403


async def test_programs_with_a_key_and_webhooks_need_no_token() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=WRITER) as client:
        assert (await client.post("/api/v1/things", json={"lines": []})).status_code == 201
        del client.headers["authorization"]
        assert (await client.post("/api/v1/open", json={"any": "thing"})).status_code == 201
        assert (await client.post("/api/v1/incoming", data={"any": "thing"})).status_code == 201
        assert (await client.post("/api/v1/open", data={"any": "thing"})).status_code == 403


async def test_health_and_assets_ask_nobody_who_they_are() -> None:
    caller = web_client.OneCaller("bearer", READER)
    async with web_client.open_client(routers=things.ROUTERS, authenticators=[caller]) as client:
        response = await client.get("/livez", headers={"authorization": "Bearer jd_nonsense"})
    assert response.status_code == 200
    assert caller.asked == 0


async def test_guessing_keys_slows_a_network_down() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        client.frame.site.limits.failures.rate_per_s = 0.001  # nothing is forgiven while the test goes on
        guesses = [
            await client.get("/api/v1/things", headers={"authorization": f"Bearer {KEY}{n}"})
            for n in range(limits.FAILURES_BURST + 1)
        ]
        assert {response.status_code for response in guesses[:-1]} == {401}
        assert guesses[-1].status_code == 429
        assert int(guesses[-1].headers["retry-after"]) >= 1
        assert (await client.get("/api/v1/things")).status_code == 429, "even the right key waits when not yet known"


async def test_a_caller_that_runs_away_is_slowed_down_and_others_are_not() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=READER) as client:
        assert (await client.get("/api/v1/things")).status_code == 200
        buckets = client.frame.site.limits.principals
        buckets.rate_per_s, buckets.burst = 0.01, 2
        answers = [(await client.get("/api/v1/things")).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        assert (await client.get("/livez")).status_code == 200
        del client.headers["authorization"]
        assert (await client.get("/api/v1/open")).status_code == 200


def test_credentials_that_are_none() -> None:
    assert parse_api_key(KEY) is not None
    assert parse_session(f"{web_client.TENANT}.secret") is not None
    for text in ("", "jd", "jd__", f"xx_{web_client.TENANT.hex}_secret", "jd_x_y", f"jd_{web_client.TENANT.hex}_é"):
        assert parse_api_key(text) is None
    for text in ("", ".", "x.y", f"{web_client.TENANT}", f"{web_client.TENANT}."):
        assert parse_session(text) is None


async def test_the_memory_of_callers_is_bounded() -> None:
    async with web_client.open_client(principal=READER) as client:
        memory = client.frame.site.authentication
        for n in range(PRINCIPALS_MAX + 10):
            memory._known[str(n).encode()] = (READER, 0.0)
        credential = parse_session(f"{web_client.TENANT}.secret")
        assert credential is not None
        assert credential.scheme == SESSION
        assert await memory.authenticate(credential, f"{web_client.TENANT}.secret", 0.0) is not None
        assert len(memory._known) <= PRINCIPALS_MAX + 10


async def test_messages_of_a_provider_are_not_as_few_as_visits_of_strangers() -> None:
    @post("/in/message", public=True, incoming=True, status_code=200)
    async def take_in() -> None: ...

    async with web_client.open_client(routers=[routing.root([take_in])], principal=None) as client:
        answers = [(await client.post("/in/message")).status_code for _ in range(limits.VISITOR_REQUESTS_BURST + 50)]
        assert set(answers) == {200}
        client.frame.site.limits.senders = TokenBuckets(rate_per_s=0.001, burst=1)
        answers = [(await client.post("/in/message")).status_code for _ in range(2)]
        assert answers == [200, 429]


@pytest.mark.parametrize("key", ["k" * 256, "Schlüssel"])
async def test_a_documented_key_is_looked_at_where_the_handler_does_not_read_it(key: str) -> None:
    @post("/rows", permission=things.WRITE, idempotent=True)
    async def add_rows() -> None: ...

    async with web_client.open_client(routers=[routing.api("Things", [add_rows])], principal=WRITER) as client:
        refused = await client.post("/api/v1/rows", headers={b"Idempotency-Key": key.encode()})
        taken = await client.post("/api/v1/rows", headers={"Idempotency-Key": "k" * 255})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_invalid")
    assert taken.status_code == 201
