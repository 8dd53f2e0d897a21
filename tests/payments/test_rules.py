"""The ledger's arithmetic, and what answers mean: pure, and tried in many ways."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import money
from jiedan.payments import errors, rules
from jiedan.payments.values import (
    OPERATION_STATES,
    SETTLED,
    Entry,
    EntryId,
    EntryKind,
    Operation,
    OperationId,
    OperationKind,
    OperationState,
    Payment,
    PaymentId,
    RefundLine,
    Result,
    Sums,
)

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PAYMENT = PaymentId(UUID(int=1))

amounts = st.integers(1, 10_000)


def payment(sums: Sums = Sums(), processing_count: int = 0) -> Payment:  # noqa: B008 - immutable
    return Payment(
        payment_id=PAYMENT,
        order_id=None,
        provider="sandbox",
        method="card",
        currency="CNY",
        amount_minor=10_000,
        provider_ref="",
        pay_url="",
        return_url="",
        state="open",
        sums=sums,
        processing_count=processing_count,
        created_at=AT,
        version=1,
    )


def operation(kind: OperationKind, amount: int, key: str = "k", state: OperationState = "pending") -> Operation:
    return Operation(
        operation_id=OperationId(UUID(int=abs(hash(key)))),
        payment_id=PAYMENT,
        kind=kind,
        amount_minor=amount,
        key=key,
        state=state,
        provider_ref="",
        failure="",
        reason="",
        refers_to=None,
        refund_lines=(),
        token="",
        requested_at=AT,
        settled_at=None,
        attempts=0,
    )


def entry(kind: EntryKind, amount: int, number: int, refers_to: int | None = None) -> Entry:
    return Entry(
        entry_id=EntryId(UUID(int=number)),
        payment_id=PAYMENT,
        kind=kind,
        amount_minor=amount,
        currency="CNY",
        operation_id=None,
        refers_to=None if refers_to is None else EntryId(UUID(int=refers_to)),
        provider_ref="",
        reason="",
        occurred_at=AT,
        recorded_at=AT,
    )


def settle(results: list[Result], operations: list[Operation], sums: Sums = Sums()) -> rules.Settled:  # noqa: B008 - it cannot be changed
    counted = sum(o.state in {"pending", "unknown"} for o in operations)
    ids = (EntryId(UUID(int=100 + i)) for i in itertools.count())
    held = {PAYMENT: payment(sums, counted)}
    return rules.settle(results, {o.key: o for o in operations}, held, {}, at=AT, ids=ids)


def test_the_table_of_transitions_leaves_settled_operations_alone_but_for_late_successes() -> None:
    allowed = {(a, b) for a in OPERATION_STATES for b in OPERATION_STATES if rules.may_become(a, b)}
    assert {b for a, b in allowed if a == "succeeded"} == set()
    assert {b for a, b in allowed if a == "failed"} == {"succeeded"}
    assert {a for a, b in allowed if b == "pending"} == {"action_needed", "unknown"}


@given(st.lists(st.sampled_from(OPERATION_STATES), max_size=8))
def test_whatever_is_heard_in_whatever_order_money_moves_at_most_once(states: list[OperationState]) -> None:
    settled = settle([Result("k", state) for state in states], [operation("sale", 700)])
    (now,) = settled.payments.values()
    last = settled.changed[-1][1].state if settled.changed else "pending"
    assert now.sums.captured == (700 if "succeeded" in states else 0)
    assert len(settled.entries) == ("succeeded" in states)
    assert now.processing_count == (last in {"pending", "unknown"})
    assert len(settled.changed) + settled.ignored == len(states)


@given(st.permutations(["authorize", "capture", "void", "refund"]))
def test_answers_before_their_time_are_mismatches_and_never_below_nothing(order: list[OperationKind]) -> None:
    wanted: list[tuple[OperationKind, int]] = [("authorize", 100), ("capture", 60), ("void", 40), ("refund", 60)]
    operations = [operation(kind, amount, kind) for kind, amount in wanted]
    settled = settle([Result(kind, "succeeded") for kind in order], operations)
    (now,) = settled.payments.values()
    assert rules.outstanding(now.sums) >= 0
    assert rules.refundable(now.sums) >= 0
    assert len(settled.entries) + len(settled.mismatches) == 4
    assert all(m.problem == "beyond_ledger" for m in settled.mismatches)


def test_captures_refer_to_the_authorization_heard_just_before() -> None:
    operations = [operation("authorize", 100, "a"), operation("capture", 100, "c")]
    settled = settle([Result("a", "succeeded", "ch_1"), Result("c", "succeeded", "op_2")], operations)
    authorization, capture = (made for made, _ in settled.entries)
    assert capture.refers_to == authorization.entry_id
    assert next(iter(settled.payments.values())).provider_ref == "ch_1"


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (Result("k", "succeeded", amount_minor=699), "amount"),
        (Result("k", "succeeded", amount_minor=700, currency="USD"), "currency"),
    ],
)
def test_amount_and_currency_have_to_match(result: Result, problem: str) -> None:
    settled = settle([result], [operation("sale", 700)])
    assert [m.problem for m in settled.mismatches] == [problem]
    assert settled.entries == []
    assert settle([result._replace(state="failed")], [operation("sale", 700)]).mismatches == []


@given(amounts, amounts, amounts, st.sampled_from(["capture", "void", "refund"]))
def test_no_operation_goes_beyond_the_ledger_and_what_is_in_flight(
    authorized: int, captured: int, in_flight: int, kind: OperationKind
) -> None:
    captured = min(captured, authorized)
    of = payment(Sums(authorized=authorized, captured=captured))
    busy: dict[str, int] = {kind: in_flight}
    free = rules.free_for(of, kind, busy)
    base = captured if kind == "refund" else authorized - captured
    assert free == max(0, base - in_flight)
    assert rules.check_operation(of, kind, free + 1, in_flight=busy) is not None
    if free:
        assert rules.check_operation(of, kind, free, in_flight=busy) is None
    assert isinstance(rules.check_operation(of, "refund", 0, in_flight={}), errors.AmountNotPositive)


@given(st.lists(amounts, min_size=1, max_size=6), st.integers(0, 60_000), st.data())
def test_a_refund_is_spread_whole_and_no_tender_gives_more_than_it_holds(
    held: list[int], wanted: int, data: st.DataObject
) -> None:
    out = [data.draw(st.integers(0, amount)) for amount in held]
    tenders = [
        dataclasses.replace(payment(Sums(captured=amount)), payment_id=PaymentId(UUID(int=i + 1)))
        for i, amount in enumerate(held)
    ]
    going_out: dict[object, int] = {p.payment_id: gone for p, gone in zip(tenders, out, strict=True)}
    shares = rules.spread_refund(wanted, tenders, going_out)
    assert sum(share for _, share in shares) == min(wanted, sum(held) - sum(out))
    assert all(0 < share <= p.sums.captured - going_out[p.payment_id] for p, share in shares)


@given(
    st.lists(st.tuples(st.integers(0, 9_999), st.booleans()), min_size=1, max_size=6),
    st.lists(st.integers(1, 7), min_size=1, max_size=4),
    st.data(),
)
def test_refunds_of_all_units_in_any_order_and_grouping_are_what_each_tender_paid(
    paid: list[tuple[int, bool]], ordered: list[int], data: st.DataObject
) -> None:
    """Gift cards and credit, of which the last one is filled first, give as much as the rest of the tenders do."""
    tenders = [
        dataclasses.replace(
            payment(Sums(captured=amount)),
            payment_id=PaymentId(UUID(int=i + 1)),
            provider="wallet" if is_wallet else "sandbox",
        )
        for i, (amount, is_wallet) in enumerate(paid)
    ]
    total = sum(amount for amount, _ in paid)
    costs = money.share_out(total, ordered)
    gone = dict.fromkeys(range(len(ordered)), 0)
    given_back: dict[object, int] = {}
    while any(gone[line] < units for line, units in enumerate(ordered)):
        line = data.draw(st.sampled_from([x for x, units in enumerate(ordered) if gone[x] < units]))
        units = data.draw(st.integers(1, ordered[line] - gone[line]))
        amount = money.unit_share(costs[line], ordered[line], gone[line], units)
        gone[line] += units
        shares = rules.spread_refund(amount, tenders, given_back)
        assert sum(share for _, share in shares) == amount
        for tender, share in shares:
            given_back[tender.payment_id] = given_back.get(tender.payment_id, 0) + share
        wallets = [(p.sums.captured, given_back.get(p.payment_id, 0)) for p in tenders if p.provider == "wallet"]
        first = next((i for i, (_, given) in enumerate(wallets) if given), len(wallets))
        assert all(captured == given for captured, given in wallets[first + 1 :])
    assert {p.payment_id: given_back.get(p.payment_id, 0) for p in tenders} == {
        p.payment_id: p.sums.captured for p in tenders
    }


@given(st.lists(amounts, min_size=1, max_size=5), st.data())
def test_refunds_split_over_captures_never_take_more_than_each_has(captured: list[int], data: st.DataObject) -> None:
    entries = [entry("capture", amount, i + 1) for i, amount in enumerate(captured)]
    total = sum(captured)
    operations: list[Operation] = []
    while total:
        amount = data.draw(st.integers(1, total))
        parts = rules.split_over_captures(amount, rules.captures_left(entries, operations))
        assert sum(part for _, part in parts) == amount
        for entry_id, part in parts:
            if data.draw(st.booleans()):
                number = 1_000 + len(entries)
                entries.append(entry("refund", part, number)._replace(refers_to=entry_id))
            else:
                operations.append(dataclasses.replace(operation("refund", part), refers_to=entry_id))
        total -= amount
    assert all(left == 0 for _, left in rules.captures_left(entries, operations))


def test_settled_refunds_and_adjustments_count_once() -> None:
    entries = [entry("capture", 100, 1), entry("adjustment", -30, 2, 1), entry("chargeback", 20, 3, 1)]
    done = dataclasses.replace(operation("refund", 50, state="succeeded"), refers_to=EntryId(UUID(int=1)))
    assert rules.captures_left(entries, [done]) == [(EntryId(UUID(int=1)), 50)]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 500)), min_size=1, max_size=6), st.data())
def test_lines_are_split_to_the_last_unit_and_cent(given_lines: list[tuple[int, int]], data: st.DataObject) -> None:
    lines = [RefundLine(i + 1, quantity, amount) for i, (quantity, amount) in enumerate(given_lines)]
    left = sum(line.amount_minor for line in lines)
    parts: list[int] = []
    while left or not parts:
        parts.append(data.draw(st.integers(1, left)) if left else 0)
        left -= parts[-1]
    split = rules.split_lines(lines, parts)
    assert [sum(x.amount_minor for x in part) for part in split] == parts
    for line in lines:
        pieces = [x for part in split for x in part if x.line == line.line]
        assert sum(x.quantity for x in pieces) == line.quantity
        assert sum(x.amount_minor for x in pieces) == line.amount_minor


@pytest.mark.parametrize(
    ("sums", "states", "expected"),
    [
        (Sums(), [], "open"),
        (Sums(), ["pending"], "processing"),
        (Sums(), ["action_needed"], "action_needed"),
        (Sums(), ["failed", "unknown", "pending"], "unknown"),
        (Sums(), ["failed"], "failed"),
        (Sums(authorized=10), ["succeeded"], "authorized"),
        (Sums(authorized=10, voided=10), ["succeeded", "succeeded"], "voided"),
        (Sums(authorized=10, captured=4, voided=6), ["succeeded"], "captured"),
        (Sums(captured=10, refunded=4), ["succeeded", "failed"], "captured"),
        (Sums(captured=10, refunded=4, charged_back=6), ["succeeded"], "refunded"),
        (Sums(captured=10, adjusted=-10), ["succeeded"], "refunded"),
        (Sums(captured=10), ["succeeded", "pending"], "processing"),
    ],
)
def test_the_state_of_a_payment_follows_from_its_facts(sums: Sums, states: list[OperationState], expected: str) -> None:
    operations = [operation("sale", 10, str(i), state) for i, state in enumerate(states)]
    assert rules.state_of(payment(sums), operations) == expected


def test_questions_are_asked_less_and_less_often() -> None:
    waits = [rules.next_check(dataclasses.replace(operation("sale", 1), attempts=n), AT) - AT for n in range(12)]
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(minutes=1)
    assert waits[-1] == timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    ["4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "card 378282246310005.", "4.2.4.2424242424242"],
)
def test_card_numbers_are_recognized_however_they_are_written(text: str) -> None:
    assert rules.has_card_number(text)


@pytest.mark.parametrize(
    "text", ["tok_visa", "", "4242424242424241", "SO-20261121-000042", "0000000000000000", "12345678901234567890123"]
)
def test_other_numbers_pass(text: str) -> None:
    assert not rules.has_card_number(text)


def test_every_state_is_either_settled_or_waited_for() -> None:
    assert set(OPERATION_STATES) - SETTLED == {"pending", "action_needed", "unknown"}
