"""Sourcing chooses as a warehouse manager would, and never promises what is not there."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiedan.sourcing import rules, values

SKUS = [UUID(int=n) for n in range(1, 4)]
SHANGHAI = values.Point(31.23, 121.47)
HANGZHOU = values.Point(30.27, 120.16)
BEIJING = values.Point(39.90, 116.40)


def place(number: int, point: values.Point | None = None, priority: int = 0) -> values.Candidate:
    return values.Candidate(UUID(int=100 + number), f"W{number}", priority, point)


def wish(*quantities: int, split: values.Split = "when_needed", to: values.Point | None = None) -> values.Wanted:
    demands = tuple(values.Demand(i + 1, SKUS[i], quantity) for i, quantity in enumerate(quantities))
    return values.Wanted(demands, split, backorder=True, destination=to)


def test_the_distance_from_beijing_to_shanghai_is_about_1067_km() -> None:
    assert round(rules.distance_km(BEIJING, SHANGHAI), -1) == 1070
    assert rules.distance_km(BEIJING, BEIJING) == 0


def test_the_nearest_location_that_has_everything_wins() -> None:
    near, far = place(1, HANGZHOU), place(2, BEIJING)
    stock = {(sku, c.location_id): 5 for sku in SKUS for c in (near, far)}
    choice, trace = rules.choose(wish(1, 2, 3, to=SHANGHAI), stock, [far, near])
    assert {a.location_id for a in choice.assignments} == {near.location_id}
    assert (trace.rule, trace.ranked_by, trace.parcels) == ("one_location", "distance", 1)
    assert trace.lost == (values.Scored(location="W2", covers=6, of=6, outcome="farther", distance_km=1067),)


def test_a_farther_location_with_everything_beats_two_nearer_ones() -> None:
    near, far = place(1, HANGZHOU), place(2, BEIJING)
    stock = {(SKUS[0], near.location_id): 5, (SKUS[0], far.location_id): 5, (SKUS[1], far.location_id): 5}
    choice, trace = rules.choose(wish(1, 1, to=SHANGHAI), stock, [near, far])
    assert {a.location_id for a in choice.assignments} == {far.location_id}
    assert trace.lost[0].outcome == "covers_less"


def test_without_coordinates_priority_decides_and_the_trace_says_so() -> None:
    first, second = place(1, priority=2), place(2, priority=1)
    stock = {(SKUS[0], c.location_id): 5 for c in (first, second)}
    choice, trace = rules.choose(wish(1, to=SHANGHAI), stock, [first, second])
    assert choice.assignments[0].location_id == second.location_id
    assert trace.ranked_by == "priority"
    assert [x.outcome for x in trace.lost] == ["lower_priority"]


def test_the_fewest_parcels_are_found_where_a_greedy_choice_takes_more() -> None:
    a, b, greedy = place(1), place(2), place(0)
    stock = {
        (SKUS[0], a.location_id): 4,
        (SKUS[1], a.location_id): 0,
        (SKUS[1], b.location_id): 4,
        (SKUS[2], b.location_id): 2,
        (SKUS[2], a.location_id): 2,
        (SKUS[0], greedy.location_id): 3,
        (SKUS[1], greedy.location_id): 3,
    }
    choice, trace = rules.choose(wish(4, 4, 2), stock, [greedy, a, b])
    assert {x.location_id for x in choice.assignments} == {a.location_id, b.location_id}
    assert (trace.rule, trace.parcels) == ("fewest_parcels", 2)


def test_a_requested_location_is_obeyed_and_what_it_lacks_is_missing() -> None:
    wanted, other = place(1), place(2)
    demand = values.Demand(1, SKUS[0], 5, wanted.location_id)
    stock = {(SKUS[0], wanted.location_id): 3, (SKUS[0], other.location_id): 9}
    choice, trace = rules.choose(values.Wanted((demand,), "when_needed", backorder=True), stock, [wanted, other])
    assert choice.assignments == (values.Assignment(1, SKUS[0], wanted.location_id, 3),)
    assert dict(choice.missing) == {1: 2}
    assert trace.rule == "requested_location"
    assert trace.chosen == (values.Scored("W1", 3, 5, "chosen"),)


def test_a_line_that_asks_for_a_location_is_told_beside_the_others() -> None:
    wanted, other = place(1), place(2)
    demands = (values.Demand(1, SKUS[0], 5, wanted.location_id), values.Demand(2, SKUS[1], 2))
    stock = {(SKUS[0], wanted.location_id): 5, (SKUS[1], other.location_id): 9}
    _, trace = rules.choose(values.Wanted(demands, "when_needed", backorder=True), stock, [wanted, other])
    assert trace.rule == "one_location"
    assert trace.chosen == (values.Scored("W1", 5, 5, "chosen"), values.Scored("W2", 2, 2, "chosen"))


def test_never_splitting_ships_from_the_one_that_has_most() -> None:
    a, b = place(1), place(2)
    stock = {(SKUS[0], a.location_id): 1, (SKUS[0], b.location_id): 3}
    choice, trace = rules.choose(wish(4, split="never"), stock, [a, b])
    assert [(x.location_id, x.quantity) for x in choice.assignments] == [(b.location_id, 3)]
    assert dict(choice.missing) == {1: 1}
    assert trace.rule == "one_location_most"


def test_splitting_freely_takes_each_line_from_the_nearest() -> None:
    near, far = place(1, HANGZHOU), place(2, BEIJING)
    stock = {(SKUS[0], near.location_id): 1, (SKUS[0], far.location_id): 9, (SKUS[1], far.location_id): 9}
    choice, _ = rules.choose(wish(2, 1, split="freely", to=SHANGHAI), stock, [near, far])
    assert [(x.line, x.location_id, x.quantity) for x in choice.assignments] == [
        (1, near.location_id, 1),
        (1, far.location_id, 1),
        (2, far.location_id, 1),
    ]


def test_a_location_that_lies_nowhere_is_not_the_nearest() -> None:
    base, near, nowhere = place(1, SHANGHAI), place(2, HANGZHOU), place(3)
    stock = {(SKUS[0], base.location_id): 1, (SKUS[1], near.location_id): 1, (SKUS[1], nowhere.location_id): 1}
    choice, _ = rules.choose(wish(1, 1, to=SHANGHAI), stock, [nowhere, near, base])
    assert {a.location_id for a in choice.assignments} == {base.location_id, near.location_id}


@given(
    quantities=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    stocked=st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=0, max_size=6),
    split=st.sampled_from(["never", "when_needed", "freely"]),
)
def test_every_unit_is_assigned_or_missing_and_no_stock_is_exceeded(
    quantities: list[int], stocked: list[list[int]], split: values.Split
) -> None:
    places = [place(i) for i in range(len(stocked))]
    stock = {
        (sku, candidate.location_id): row[i]
        for candidate, row in zip(places, stocked, strict=True)
        for i, sku in enumerate(SKUS)
    }
    choice, trace = rules.choose(wish(*quantities, split=split), stock, places)
    for i, quantity in enumerate(quantities):
        assigned = sum(a.quantity for a in choice.assignments if a.line == i + 1)
        assert assigned + choice.missing.get(i + 1, 0) == quantity
    for key, there in stock.items():
        assert sum(a.quantity for a in choice.assignments if (a.sku_id, a.location_id) == key) <= there
    if split != "never":
        covered = all(sum(row[i] for row in stocked) >= quantity for i, quantity in enumerate(quantities))
        assert bool(choice.missing) != covered
    assert trace.parcels == len({a.location_id for a in choice.assignments})


def test_the_one_location_with_the_rare_thing_is_looked_at_among_many() -> None:
    many = [place(number, priority=number) for number in range(20)]
    stock = {(SKUS[0], c.location_id): 100 for c in many[:-1]} | {(SKUS[1], many[-1].location_id): 1}
    for split in ("never", "when_needed", "freely"):
        choice, trace = rules.choose(wish(100, 1, split=split), stock, many)
        assert bool(choice.missing) == (split == "never"), split
        assert trace.beyond == len(many) - values.SOURCING_CANDIDATES_MAX


def test_where_parcels_do_not_count_the_nearest_of_many_are_looked_at() -> None:
    many = [place(number, priority=number) for number in range(20)]
    stock = {(SKUS[0], c.location_id): n + 1 for n, c in enumerate(many)}
    choice, trace = rules.choose(wish(3, split="freely"), stock, many)
    assert [(a.location_id, a.quantity) for a in choice.assignments] == [
        (many[0].location_id, 1),
        (many[1].location_id, 2),
    ]
    assert trace.rule == "nearest_each"


@given(
    need=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    stock=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=9, max_size=16),
)
def test_nothing_is_missing_that_few_locations_have(need: list[int], stock: list[tuple[int, int]]) -> None:
    """Each location has one SKU, so as many as there are units wanted are enough: never more than can be looked at."""
    many = [place(number, priority=number) for number in range(len(stock))]
    has = {(SKUS[sku], many[number].location_id): quantity for number, (sku, quantity) in enumerate(stock)}
    choice, _ = rules.choose(wish(*need), has, many)
    there = [sum(q for (sku_id, _), q in has.items() if sku_id == sku) for sku in SKUS]
    fewest = sum(1 for wanted, total in zip(need, there, strict=False) if total) and sum(need)
    if fewest <= values.SOURCING_CANDIDATES_MAX:
        short = {n + 1: w - t for n, (w, t) in enumerate(zip(need, there, strict=False)) if w > t}
        assert dict(choice.missing) == short


ASKED = st.builds(
    lambda quantities, fixed, **rest: values.Wanted(
        tuple(values.Demand(i + 1, SKUS[i], quantity, fixed) for i, quantity in enumerate(quantities)), **rest
    ),
    quantities=st.lists(st.integers(1, 4), max_size=3),
    fixed=st.sampled_from([None, place(1).location_id]),
    split=st.sampled_from(["never", "when_needed", "freely"]),
    backorder=st.just(value=True),
    destination=st.sampled_from([None, SHANGHAI]),
)


@given(
    wanted=ASKED, stocked=st.lists(st.integers(-1, 6), min_size=3, max_size=3), point=st.sampled_from([None, BEIJING])
)
def test_the_only_location_is_chosen_as_one_among_others_that_have_nothing(
    wanted: values.Wanted, stocked: list[int], point: values.Point | None
) -> None:
    only, empty = place(1, point), place(2, point, priority=9)
    stock = {(sku, only.location_id): quantity for sku, quantity in zip(SKUS, stocked, strict=True)}
    assert rules.choose(wanted, stock, [only]) == rules.choose(wanted, stock, [only, empty])


@given(
    asked=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=3),
    stocked=st.lists(st.integers(0, 6), min_size=9, max_size=9),
    points=st.lists(st.sampled_from([None, BEIJING, HANGZHOU]), min_size=3, max_size=3),
    split=st.sampled_from(["never", "when_needed", "freely"]),
    destination=st.sampled_from([None, SHANGHAI]),
)
def test_where_each_line_asks_for_a_place_that_has_it_the_others_change_nothing(
    asked: list[tuple[int, int]],
    stocked: list[int],
    points: list[values.Point | None],
    split: values.Split,
    destination: values.Point | None,
) -> None:
    places = [place(i, point, priority=9 - i) for i, point in enumerate(points)]
    stock = {(sku, x.location_id): stocked[i * 3 + j] for i, sku in enumerate(SKUS) for j, x in enumerate(places)}
    demands = tuple(
        values.Demand(i + 1, SKUS[i], quantity, places[at].location_id) for i, (at, quantity) in enumerate(asked)
    )
    wanted = values.Wanted(demands, split, backorder=True, destination=destination)
    choice, trace = rules.choose(wanted, stock, places)
    # One more that takes what is left of nothing goes the long way.
    nothing = UUID(int=9)
    more = wanted._replace(demands=(*demands, values.Demand(9, nothing, 1, places[0].location_id)))
    long_choice, long_trace = rules.choose(more, stock, places)
    assert choice.assignments == long_choice.assignments
    assert {**choice.missing, 9: 1} == long_choice.missing
    assert (trace.rule, trace.ranked_by, trace.parcels) == (long_trace.rule, long_trace.ranked_by, long_trace.parcels)
    told = {scored.location: scored for scored in long_trace.chosen}
    first = places[0].code
    assert [x for x in trace.chosen if x.location != first] == [x for x in long_trace.chosen if x.location != first]
    assert all(told[x.location].covers == x.covers for x in trace.chosen)
