import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import idempotency, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.idempotency import Claim, Fresh, Reused, Same
from jiedan.base.recorder import StatementRecorder
from tests.conftest import FakeClock
from tests.patience import until_it_waits

OPERATION = "test.create"


def claim(tx: Tx, key: str, body: object = "body", caller: str = "api_key:1") -> Claim:
    return Claim(caller, key, idempotency.fingerprint(body), tx.new_id())


async def claim_many(tx: Tx, *claims: Claim) -> list[idempotency.Verdict]:
    return await idempotency.claim_many(tx, operation=OPERATION, claims=claims)


class Body(msgspec.Struct):
    sku: str
    quantity: int
    tags: dict[str, int]


def test_the_fingerprint_does_not_see_the_order_of_fields() -> None:
    one = idempotency.fingerprint(Body("A", 1, {"x": 1, "y": 2}))
    two = idempotency.fingerprint(msgspec.json.decode(b'{"tags":{"y":2,"x":1},"quantity":1,"sku":"A"}', type=Body))
    assert one == two == idempotency.fingerprint({"quantity": 1, "tags": {"y": 2, "x": 1}, "sku": "A"})
    assert len(one) == 32


@given(st.text(), st.integers(0, 9), st.text(), st.integers(0, 9))
def test_different_bodies_have_different_fingerprints(sku: str, quantity: int, other: str, another: int) -> None:
    same = (sku, quantity) == (other, another)
    one, two = Body(sku, quantity, {}), Body(other, another, {})
    assert (idempotency.fingerprint(one) == idempotency.fingerprint(two)) is same


@pytest.mark.parametrize("key", ["", "a\nb", "a\u0000b", "\ud800", "k" * (idempotency.KEY_CHARACTERS_MAX + 1)])
def test_a_key_that_cannot_be_one_is_refused_by_name(key: str) -> None:
    with pytest.raises(idempotency.KeyInvalid) as refused:
        idempotency.check_key(key)
    assert refused.value.field == "Idempotency-Key"
    assert "255" in str(refused.value)


@pytest.mark.parametrize("key", ["a", "订单-1", "k" * idempotency.KEY_CHARACTERS_MAX])
def test_a_key_may_be_any_printable_text(key: str) -> None:
    assert idempotency.check_key(key) == key


@given(st.integers(1, idempotency.KEY_CHARACTERS_MAX), st.integers(0, 499), st.integers(0, 499), st.booleans())
def test_the_key_of_a_row_is_its_own_however_long_the_request_s_is(
    length: int, row: int, other: int, has_other_end: bool
) -> None:
    key = "k" * length
    second = key[:-1] + "x" if has_other_end else key
    one, two = idempotency.key_of_row(key, row), idempotency.key_of_row(second, other)
    assert (one == two) is ((key, row) == (second, other))
    assert idempotency.check_key(one) == one


async def test_a_key_is_fresh_once(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        first = claim(tx, "k1")
        assert await claim_many(tx, first) == [Fresh(first.subject_id)]
    async with db.begin(scope) as tx:
        again, other = claim(tx, "k1"), claim(tx, "k1", body="another")
        assert await claim_many(tx, again) == [Same(first.subject_id, None, None)]
        assert await claim_many(tx, other) == [Reused(None)]


async def test_a_batch_with_every_kind_of_key_is_answered_in_order(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        old = claim(tx, "old")
        await claim_many(tx, old)
    async with db.begin(scope) as tx:
        new = claim(tx, "z-new")
        batch = [
            new,
            claim(tx, "old"),
            claim(tx, "z-new"),
            claim(tx, "old", body="another"),
            claim(tx, "z-new", body="another"),
            claim(tx, "a-new"),
        ]
        assert await claim_many(tx, *batch) == [
            Fresh(new.subject_id),
            Same(old.subject_id, None, None),
            Same(new.subject_id, None, 0),
            Reused(None),
            Reused(0),
            Fresh(batch[5].subject_id),
        ]


async def test_callers_operations_and_merchants_have_keys_of_their_own(
    db: Database, scope: Scope, other_tenant: ids.TenantId
) -> None:
    async with db.begin(scope) as tx:
        verdicts = await claim_many(tx, claim(tx, "k", caller="a"), claim(tx, "k", caller="b"))
        verdicts += await idempotency.claim_many(tx, operation="test.other", claims=[claim(tx, "k", caller="a")])
    async with db.begin(Scope(other_tenant)) as tx:
        verdicts += await claim_many(tx, claim(tx, "k", caller="a"))
    assert all(isinstance(verdict, Fresh) for verdict in verdicts)


async def test_a_rolled_back_claim_leaves_no_key(db: Database, scope: Scope) -> None:
    async def fails(tx: Tx) -> None:
        await claim_many(tx, claim(tx, "k"))
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(scope, fails)
    async with db.begin(scope) as tx:
        assert isinstance((await claim_many(tx, claim(tx, "k")))[0], Fresh)


async def test_a_refusal_gives_its_key_back_and_no_other(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        refused, placed = claim(tx, "refused"), claim(tx, "placed")
        await claim_many(tx, refused, placed)
        await idempotency.give_back_many(tx, operation=OPERATION, claims=[refused])
    async with db.begin(scope) as tx:
        verdicts = await claim_many(tx, claim(tx, "refused", body="another"), claim(tx, "placed"))
    assert isinstance(verdicts[0], Fresh)
    assert verdicts[1] == Same(placed.subject_id, None, None)


async def test_an_outcome_is_stored_with_its_key(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        first, second = claim(tx, "1"), claim(tx, "2")
        await claim_many(tx, first, second)
        await idempotency.record_outcomes(tx, operation=OPERATION, outcomes=[(second, b"two"), (first, b"one")])
    async with db.begin(scope) as tx:
        verdicts = await claim_many(tx, claim(tx, "1"), claim(tx, "2"))
    assert verdicts == [Same(first.subject_id, b"one", None), Same(second.subject_id, b"two", None)]


@pytest.mark.parametrize("count", [1, 200])
async def test_claiming_takes_one_statement_and_two_when_a_key_is_taken(
    db: Database, scope: Scope, recorder: StatementRecorder, count: int
) -> None:
    for expected in (1, 2):
        with recorder.watching() as sent:
            async with db.begin(scope) as tx:
                await claim_many(tx, *(claim(tx, f"k{i}") for i in range(count)))
        assert len(sent) == expected


async def test_in_a_pipeline_the_read_sees_what_the_claim_waited_for(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    async with db.begin(scope) as tx:
        held = claim(tx, "k")
        await claim_many(tx, held)

        async def pipelined(other: Tx) -> list[idempotency.Verdict] | None:
            claims = [claim(other, "k"), claim(other, "new")]
            claimed, existing = await other.sql_many(
                [
                    idempotency.claim_statement(other, operation=OPERATION, claims=claims),
                    idempotency.read_statement(operation=OPERATION, claims=claims),
                ]
            )
            return idempotency.settle(claims, claimed, existing)

        waiting = asyncio.create_task(db.write(scope, pipelined))
        await until_it_waits(waiting, owner)
        assert not waiting.done()
    verdicts = await waiting
    assert verdicts is not None
    assert verdicts[0] == Same(held.subject_id, None, None)
    assert isinstance(verdicts[1], Fresh)


async def test_many_at_once_with_one_key_create_one_subject(db: Database, scope: Scope) -> None:
    async def work(tx: Tx) -> idempotency.Verdict:
        verdicts = await claim_many(tx, claim(tx, "b"), claim(tx, "a"))
        return verdicts[0]

    verdicts = await asyncio.gather(*(db.write(scope, work) for _ in range(12)))
    fresh = [verdict for verdict in verdicts if isinstance(verdict, Fresh)]
    assert len(fresh) == 1
    assert {verdict.subject_id for verdict in verdicts if isinstance(verdict, Same)} == {fresh[0].subject_id}


async def test_a_key_in_neither_answer_has_no_verdict(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        assert idempotency.settle([claim(tx, "gone")], [], []) is None


async def test_keys_expire_in_bounded_sets(
    db: Database, scope: Scope, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "EXPIRED_PER_SET_MAX", 3)
    async with db.begin(scope) as tx:
        await claim_many(tx, *(claim(tx, f"old{i}") for i in range(5)))
    clock.advance(timedelta(days=idempotency.KEPT_DAYS - 1))
    async with db.begin(scope) as tx:
        young = claim(tx, "young")
        await claim_many(tx, young)
        assert await idempotency.expire(tx) == 0
    clock.advance(timedelta(days=1, minutes=1))
    expired = []
    for _ in range(3):
        async with db.begin(scope) as tx:
            expired.append(await idempotency.expire(tx))
    assert expired == [3, 2, 0]
    async with db.begin(scope) as tx:
        verdicts = await claim_many(tx, claim(tx, "old0"), claim(tx, "young"))
    assert isinstance(verdicts[0], Fresh)
    assert verdicts[1] == Same(young.subject_id, None, None)


async def test_a_key_over_its_cap_never_reaches_the_database(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        with pytest.raises(ValueError, match="over its cap"):
            await claim_many(tx, claim(tx, "k" * (idempotency.KEY_CHARACTERS_MAX + 1)))
