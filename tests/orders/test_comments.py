"""Comments on orders: whom they call, what is refused, over HTTP; and who has an order open."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from jiedan.accounts import tables as accounts
from jiedan.base import tables as base_tables
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.orders import errors, events, queries, service
from jiedan.orders.rules import mentions
from jiedan.orders.values import COMMENT_CHARS_MAX, MENTIONS_PER_COMMENT_MAX, NewComment
from tests.conftest import FakeClock
from tests.orders.factories import order, place_one, shop
from tests.orders.test_api_lifecycle import client_of

ANN, ANNA, ZHOU = UUID(int=1), UUID(int=2), UUID(int=3)
NAMES = {ANN: "Ann", ANNA: "Anna Bell", ZHOU: "周建军"}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Ann please look", (ANN,)),
        ("@anna bell, then @ANN", (ANNA, ANN)),
        ("@Annabel is a customer", ()),
        ("＠周建军请看一下", (ZHOU,)),
        ("@ Ann and again @Ann", (ANN,)),
        ("write to ann@example.com or mail@annabel.example", ()),
        ("nobody", ()),
    ],
)
def test_a_text_calls_whoever_is_named_behind_an_at(text: str, called: tuple[UUID, ...]) -> None:
    assert mentions.mentioned_in(text, NAMES) == called


async def colleague(db: Database, scope: Scope, name: str, *, is_active: bool = True) -> UUID:
    """Add somebody to the staff."""
    async with db.begin(scope) as tx:
        role_id, staff_id = tx.new_ids(2)
        await tx.execute(
            sa.insert(accounts.Role).values(
                tenant_id=tx.tenant,
                role_id=role_id,
                code=f"role-{role_id.hex[-6:]}",
                name="Desk",
                permissions=[],
                version=1,
                created_at=tx.now,
            )
        )
        await tx.execute(
            sa.insert(accounts.Staff).values(
                tenant_id=tx.tenant,
                staff_id=staff_id,
                email=f"{staff_id.hex}@example.com",
                email_key=f"{staff_id.hex}@example.com",
                name=name,
                locale="en",
                role_id=role_id,
                is_active=is_active,
                version=1,
                created_at=tx.now,
            )
        )
    return staff_id


async def test_comments_are_told_with_whom_they_call_and_their_text_apart(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    zhou, gone = await colleague(db, scope, "周建军"), await colleague(db, scope, "Old", is_active=False)
    wishes = [
        NewComment(placed.order_id, "The card 4242 4242 4242 4242 was refused.", (zhou, zhou)),
        NewComment(placed.order_id, " "),
        NewComment(placed.order_id, "x" * (COMMENT_CHARS_MAX + 1)),
        NewComment(placed.order_id, "Hello.", (gone,)),
        NewComment(placed.order_id, "Hello.", tuple(uuid4() for _ in range(MENTIONS_PER_COMMENT_MAX + 1))),
        NewComment(uuid4(), "Hello."),
    ]
    outcomes = await db.write(scope, lambda tx: service.comment_orders(tx, comments=wishes))
    refusals = [type(x) for x in outcomes if isinstance(x, Refusal)]
    assert refusals == [
        errors.CommentEmpty,
        errors.CommentEmpty,
        errors.UnknownColleague,
        errors.TooManyMentions,
        errors.OrderNotFound,
    ]
    async with db.read(scope) as tx:
        log = base_tables.EventLog
        kept = base_tables.EventPrivate
        told = sa.select(log.data).where(log.tenant_id == tx.tenant, log.kind == events.OrderCommented.kind)
        rows = (await tx.execute(told)).scalars().all()
        private = (await tx.execute(sa.select(kept.data).where(kept.tenant_id == tx.tenant))).scalars().all()
    assert [row["mentioned"] for row in rows] == [[str(zhou)]]
    assert "refused" not in str(rows)
    (said,) = [x["text"] for x in private if "text" in x]
    assert said.startswith("The card ")
    assert "4242 4242" not in said


async def test_comments_over_http_are_written_once_and_read_newest_first(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    at = f"/api/v1/orders/{placed.order_id}/comments"
    async with client_of(db, scope, frozenset({"orders:read", "orders:comment"})) as client:
        for _ in range(2):
            answer = await client.post(at, json={"text": "First."}, headers={"Idempotency-Key": "c-1"})
            assert answer.status_code == 201, answer.text
        other = await client.post(at, json={"text": "Other."}, headers={"Idempotency-Key": "c-1"})
        await client.post(at, json={"text": "Second."})
        nobody = await client.post(at, json={"text": "Hello.", "mentioned": [str(uuid4())]})
        listed = (await client.get(at)).json()
        first = (await client.get(f"{at}?limit=1")).json()
        second = (await client.get(f"{at}?limit=1&cursor={first['next']}")).json()
        unknown = await client.get(f"/api/v1/orders/{uuid4()}/comments")
    async with client_of(db, scope, frozenset({"orders:read"})) as client:
        forbidden = await client.post(at, json={"text": "Hello."})
    assert [x["text"] for x in listed["items"]] == ["Second.", "First."]
    assert [x["text"] for x in first["items"] + second["items"]] == ["Second.", "First."]
    assert (other.status_code, nobody.status_code, unknown.status_code, forbidden.status_code) == (422, 422, 404, 403)
    assert nobody.json()["code"] == "unknown_colleague"


async def test_who_has_an_order_open_is_known_for_a_while(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    placed, other = [await place_one(db, scope, order(("TEA", 1))) for _ in range(2)]
    me, zhou = uuid4(), uuid4()
    for who, what in ((me, placed), (zhou, placed), (zhou, other), (me, placed)):
        await db.write(scope, lambda tx, a=what.order_id, b=who: service.look_at(tx, order_id=a, staff_id=b))  # type: ignore[misc]  # mypy does not infer lambdas with defaults
    async with db.read(scope) as tx:
        assert await queries.looking(tx, placed.order_id, but=me) == [zhou]
        assert await queries.looking(tx, other.order_id, but=zhou) == []
    clock.advance(timedelta(minutes=11))
    async with db.read(scope) as tx:
        assert await queries.looking(tx, placed.order_id, but=me) == []
    await db.write(scope, lambda tx: service.look_at(tx, order_id=other.order_id, staff_id=zhou))
    async with db.read(scope) as tx:
        assert await queries.looking(tx, other.order_id, but=me) == [zhou]
        assert await queries.looking(tx, placed.order_id, but=me) == [], "what was looked at before is forgotten"
