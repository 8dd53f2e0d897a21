"""What customers ask for: a case with their words, one for each order while it is open, once per key; over HTTP."""

import pytest

from jiedan.base import errors
from jiedan.base.db import Database, Scope
from jiedan.cases import queries as cases
from jiedan.cases import service as case_service
from jiedan.cases.values import Resolution
from jiedan.orders import service
from jiedan.orders.errors import OrderNotFound, RequestEmpty, TooManyRequestsOfOrder
from jiedan.orders.values import REQUEST_CHARS_MAX, REQUESTS_PER_ORDER_MAX, CustomerWish, OrderId
from tests.orders import factories
from tests.orders.test_api_lifecycle import client_of


async def an_order(db: Database, scope: Scope) -> OrderId:
    await factories.shop(db, scope, {"TEA": {"SH": 5}})
    return (await factories.place_one(db, scope, factories.order(("TEA", 1), payment_terms="on_account"))).order_id


async def test_requests_of_an_order_are_one_case_until_it_is_settled(db: Database, scope: Scope) -> None:
    order_id = await an_order(db, scope)
    ask = service.ask_about_order
    first = await db.write(scope, lambda tx: ask(tx, wish=CustomerWish(order_id, " Ring twice. "), key="k1"))
    again = await db.write(scope, lambda tx: ask(tx, wish=CustomerWish(order_id, " Ring twice. "), key="k1"))
    more = await db.write(scope, lambda tx: ask(tx, wish=CustomerWish(order_id, "Or call.")))
    assert first == again == more
    await db.write(
        scope, lambda tx: case_service.resolve_cases(tx, resolutions=[Resolution(first, "The driver was told.")])
    )
    other = await db.write(scope, lambda tx: ask(tx, wish=CustomerWish(order_id, "Where is it?")))
    assert other != first
    async with db.read(scope) as tx:
        notes = await cases.notes_of(tx, [first, other])
        (opened, _) = await cases.cases_about(tx, [order_id])
    assert [note.text for note in notes[first]] == ["Ring twice.", "Or call."]
    assert (opened.kind, opened.subject_kind, opened.state) == ("customer_request", "order", "open")


async def test_what_says_nothing_or_too_much_or_of_no_order_is_refused(db: Database, scope: Scope) -> None:
    order_id = await an_order(db, scope)
    refused: tuple[tuple[CustomerWish, type[errors.Refusal]], ...] = (
        (CustomerWish(order_id, "  "), RequestEmpty),
        (CustomerWish(order_id, "x" * (REQUEST_CHARS_MAX + 1)), RequestEmpty),
        (CustomerWish(scope.tenant, "Hello"), OrderNotFound),
    )
    for wish, refusal in refused:
        with pytest.raises(refusal):
            await db.write(scope, lambda tx, wish=wish: service.ask_about_order(tx, wish=wish))  # type: ignore[misc]  # a lambda with a default

    async with db.read(scope) as tx:
        assert await cases.cases_about(tx, [order_id, scope.tenant]) == []


async def test_after_so_many_somebody_has_to_answer_first(db: Database, scope: Scope) -> None:
    order_id = await an_order(db, scope)

    async def ask(text: str) -> None:
        await db.write(scope, lambda tx: service.ask_about_order(tx, wish=CustomerWish(order_id, text)))

    for i in range(REQUESTS_PER_ORDER_MAX):
        await ask(f"Request {i}")
    with pytest.raises(TooManyRequestsOfOrder):
        await ask("One more")


async def test_a_program_passes_a_request_on(db: Database, scope: Scope) -> None:
    at = f"/api/v1/orders/{await an_order(db, scope)}/requests"
    async with client_of(db, scope, frozenset({"orders:read", "orders:write"})) as client:
        made, again = [
            await client.post(at, json={"text": "Ring twice."}, headers={"Idempotency-Key": "r-1"}) for _ in range(2)
        ]
        empty = await client.post(at, json={"text": " "})
        unknown = await client.post(f"/api/v1/orders/{scope.tenant}/requests", json={"text": "Hello."})
    async with client_of(db, scope, frozenset({"orders:read"})) as client:
        forbidden = await client.post(at, json={"text": "Hello."})
    assert (made.status_code, made.json()) == (201, again.json())
    assert made.headers["location"] == f"/api/v1/cases/{made.json()['case_id']}"
    assert [empty.status_code, unknown.status_code, forbidden.status_code] == [422, 404, 403]
