"""What statements touch, and between which of two sides there is an order."""

import pytest

from tests.interleavings.footprints import NOTHING, Footprint, have_an_order, of

READ = of("SELECT o.status FROM orders o WHERE o.tenant_id = %(tenant_id)s")
LOCK = of("SELECT o.order_id FROM orders o WHERE o.tenant_id = %(tenant_id)s FOR NO KEY UPDATE")
WRITE = of("UPDATE orders o SET tags = %(tags)s WHERE o.tenant_id = %(tenant_id)s")
OTHER = of("UPDATE product SET name = %(name)s WHERE tenant_id = %(tenant_id)s")
COMMIT = WRITE._replace(is_commit=True)
ORDER_A, ORDER_B = (of("UPDATE orders SET tags = 1", {"order_ids": [order_id]}) for order_id in ("a", "b"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (READ, WRITE, False),
        (READ, LOCK, False),
        (READ, COMMIT, True),
        (LOCK, WRITE, True),
        (LOCK, COMMIT, True),
        (WRITE, OTHER, False),
        (OTHER, COMMIT, False),
        (COMMIT, COMMIT, False),
        (ORDER_A, ORDER_B, False),
        (ORDER_A, WRITE, True),
        (ORDER_A._replace(is_commit=True), ORDER_B, False),
        (of("INSERT INTO event_log (tenant_id) SELECT 1"), of("INSERT INTO event_log (tenant_id) SELECT 2"), False),
        (of("INSERT INTO order_line (tenant_id) SELECT 1"), of("DELETE FROM orders WHERE tenant_id = 1"), True),
    ],
)
def test_an_order_is_where_locks_or_commits_meet(one: Footprint, other: Footprint, expected: bool) -> None:
    assert have_an_order(one, other) is expected
    assert have_an_order(other, one) is expected


def test_a_commit_shows_what_its_transaction_did() -> None:
    done = NOTHING | READ | OTHER
    assert have_an_order(done._replace(is_commit=True), OTHER)
    assert not have_an_order(done._replace(is_commit=True), READ)
