from jiedan import wiring
from jiedan.console import words


def test_the_timeline_has_words_for_whatever_happens_to_orders_and_what_belongs_to_them() -> None:
    modules = {"orders", "payments", "fulfillment"}
    told = {kind for kind in wiring.SUBSCRIPTIONS if kind.partition(".")[0] in modules}
    about_none = ("orders.view_", "orders.draft_", "payments.provider_", "fulfillment.handling_")
    silent = {kind for kind in told if kind.startswith(about_none)} | {"orders.waiting_lines_left"}
    assert told - silent <= set(words.HAPPENINGS)
