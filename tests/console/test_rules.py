from typing import Any

import pytest

from jiedan import wiring
from jiedan.console import addresses, words
from jiedan.customers.values import Address


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        (
            {"country": "CN", "name": "李雷", "region": "北京市", "city": "北京市", "district": "东城区",
             "line1": "长安街 1 号", "postal_code": "100006"},
            ["李雷", "北京市东城区长安街 1 号", "100006 CN"],
        ),
        (
            {"country": "CN", "name": "Anna Bell", "city": "Beijing", "line1": "1 Chang'an Ave"},
            ["Anna Bell", "1 Chang'an Ave", "Beijing", "CN"],
        ),
        (
            {"country": "US", "name": "Ann", "company": "Acme", "line1": "1 Main St", "line2": "Apt 2",
             "city": "Springfield", "region": "IL", "postal_code": "62701"},
            ["Ann", "Acme", "1 Main St", "Apt 2", "Springfield, IL", "62701 US"],
        ),
        ({"country": "GB"}, ["GB"]),
    ],
)  # fmt: skip
def test_an_address_is_written_as_where_it_leads_to(fields: dict[str, Any], lines: list[str]) -> None:
    assert addresses.lines(Address(**fields)) == lines


def test_the_timeline_has_words_for_whatever_happens_to_orders_and_what_belongs_to_them() -> None:
    modules = {"orders", "payments", "fulfillment"}
    told = {kind for kind in wiring.SUBSCRIPTIONS if kind.partition(".")[0] in modules}
    about_none = ("orders.view_", "orders.draft_", "payments.provider_", "fulfillment.handling_")
    silent = {kind for kind in told if kind.startswith(about_none)} | {"orders.waiting_lines_left"}
    assert told - silent <= set(words.HAPPENINGS)
