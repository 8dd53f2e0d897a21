"""What the console decides by itself: words, and what comes of two edits."""

from jiedan import wiring
from jiedan.console import merging, words


def test_the_timeline_has_words_for_whatever_happens_to_orders_and_what_belongs_to_them() -> None:
    modules = {"orders", "payments", "fulfillment"}
    told = {kind for kind in wiring.SUBSCRIPTIONS if kind.partition(".")[0] in modules}
    about_none = ("orders.view_", "orders.draft_", "payments.provider_", "fulfillment.handling_", "fulfillment.box_")
    others = {"orders.waiting_lines_left", "orders.look_up_requested"}
    silent = {kind for kind in told if kind.startswith(about_none)} | others
    assert told - silent <= set(words.HAPPENINGS)


def test_what_two_people_typed_is_put_together_and_nothing_is_lost() -> None:
    base = {"name": "Anna", "city": "Beijing", "line1": "1 Long Street", "tags": ""}
    theirs = {"name": "Anna Bell", "city": "Beijing", "line1": "2 Long Street", "tags": ""}
    mine = {"name": "Anna", "city": "Shanghai", "line1": "3 Long Street", "tags": ""}
    merged = merging.merge(base, theirs, mine)
    assert merged.texts == {"name": "Anna Bell", "city": "Shanghai", "line1": "3 Long Street", "tags": ""}
    assert (merged.theirs, merged.mine, merged.conflicts) == (("name",), ("city",), ("line1",))
    assert merging.chosen(merged.texts, theirs, ["line1", "nonsense"])["line1"] == "2 Long Street"
    assert merging.merge({}, theirs, mine).conflicts == ("name", "city", "line1"), "who knows no base asks about all"
    both = merging.merge(base, {**theirs, "city": "Xi'an"}, {**mine, "city": "Xi'an"})
    assert "city" not in {*both.conflicts, *both.theirs, *both.mine}, "the same is no conflict"
