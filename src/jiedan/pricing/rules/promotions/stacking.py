"""The best legal combination of promotions, found by a search that is bounded and says so.

Promotions that share no goods and no threshold are solved apart. Where nothing is to be chosen (no exclusive groups,
no sets, no counted units, and every threshold is reached as far as without the others), all are given: each only
takes off more of what is left, so leaving one out never helps. Everywhere else combinations are tried depth first,
each promotion given before it is left out, and a branch is cut when even all its offers by themselves could not beat
the best found. Before a big choice, half of the evaluations go into a good one to begin with: of groups and of sets
that want the same goods the one that brings the most, then those that bring the least are left out one by one.
"""

from collections.abc import Callable, Iterable, Sequence

from jiedan.pricing.rules.promotions import giving
from jiedan.pricing.rules.promotions.calls import Call, Node
from jiedan.pricing.values import promoted, promotions

_SMALL = 8
"""So many promotions have fewer combinations than the bound."""

_HOPELESS = 16
"""With more promotions that may be left out the bound is reached long before anything is known: do not begin."""

_SETS = (promotions.BuyGet, promotions.Bundle)


class Search:
    """One search over one cart: what is on the shelf, what gifts are worth, and how many offers it has tried."""

    def __init__(self, fresh: Node, gift_minor: Callable[[str], int]) -> None:
        self.fresh = fresh
        self.gift_minor = gift_minor
        self.evaluations = 0
        self.is_complete = True

    def weigh(self, calls: Iterable[Call]) -> list[Call]:
        """Return the promotions that give anything by themselves, and note what that is: no combination raises it."""
        worthy = []
        for call in calls:
            node = giving.try_on(self.fresh, call, self.gift_minor)
            if node is not None:
                call.upper, call.alone = node.score, node.given[0][1]
                worthy.append(call)
        return worthy

    def best(self, calls: Sequence[Call]) -> Node:
        """Return the best legal combination of promotions that were weighed."""
        parts = _apart(sorted([c for c in calls if c.promotion.stacking == "stack"], key=acting))
        solved = [self._best_of(part) for part in parts]
        if len(solved) == 1:
            best = solved[0]
        else:
            best = self.all_of(sorted([call for node in solved for call, _ in node.given], key=acting))
        for call in calls:
            if call.promotion.stacking == "alone" and call.upper >= best.score:
                alone = self.all_of([call])
                if _key(alone) > _key(best):
                    best = alone
        return best

    def all_of(self, calls: Iterable[Call]) -> Node:
        """Return what promotions give one after the other; of an exclusive group the first that gives anything."""
        node = self.fresh
        groups: set[str] = set()
        for call in calls:
            group = call.promotion.group
            if group and group in groups:
                continue
            after = giving.try_on(node, call, self.gift_minor)
            if after is not None:
                node = after
                groups.add(group)
        return node

    def _best_of(self, calls: Sequence[Call]) -> Node:
        """Return the best combination of promotions that have to do with one another, in the order they act."""
        everything = self.all_of(calls)
        if len(calls) == 1 or _is_plain(calls, everything):
            return everything
        best = everything
        if len(calls) > _SMALL:
            best = self._begun_well(calls, best)
        # Whatever lacks a promotion that by itself takes off more than this could never be better.
        above = _above(calls)
        spare = above[0] - best.score
        if sum([call.upper <= spare or bool(call.promotion.group) for call in calls]) > _HOPELESS:
            self.is_complete = False
            return best
        return self._searched(calls, best, above)

    def _begun_well(self, calls: Sequence[Call], best: Node) -> Node:
        """Return something good to begin from, for at most half of the evaluations."""
        best = max(best, self._counted(_unrivaled(calls)), key=_key)
        is_better = True
        while is_better:
            is_better = False
            for call, _ in sorted(best.given, key=lambda pair: (pair[1].minor, pair[0].rank)):
                if self.evaluations + len(best.given) > promoted.EVALUATIONS_MAX // 2:
                    return best
                group = call.promotion.group
                out = [c for c, _ in best.given if c is not call]
                rivals = [c for c in calls if group and c.promotion.group == group and c is not call]
                tried = self._counted(sorted([*out, *rivals], key=acting))
                if _key(tried) > _key(best):
                    best, is_better = tried, True
                    break
        return best

    def _counted(self, calls: Sequence[Call]) -> Node:
        self.evaluations += len(calls)
        return self.all_of(calls)

    def _searched(self, calls: Sequence[Call], best: Node, above: Sequence[int]) -> Node:
        """Try combinations depth first until all are tried or cut, or the bound is reached."""
        best_key = _key(best)
        waiting: list[tuple[int, Node, frozenset[str]]] = [(0, self.fresh, frozenset())]
        while waiting:
            i, node, groups = waiting.pop()
            if node.score + above[i] < best_key[0]:
                continue
            if i == len(calls):
                if (key := _key(node)) > best_key:
                    best, best_key = node, key
                continue
            call = calls[i]
            waiting.append((i + 1, node, groups))
            group = call.promotion.group
            if group and group in groups:
                continue
            if self.evaluations >= promoted.EVALUATIONS_MAX:
                self.is_complete = False
                return best
            self.evaluations += 1
            after = giving.try_on(node, call, self.gift_minor)
            if after is not None:
                waiting.append((i + 1, after, groups | {group}))
        return best


def acting(call: Call) -> tuple[int, int]:
    """Return when a promotion acts: by stage, then by (priority, id)."""
    return call.stage, call.rank


def _key(node: Node) -> tuple[int, int, list[int]]:
    """Return what makes a combination better: it takes off more, is of fewer, of those that come first."""
    return node.score, -len(node.given), sorted([-call.rank for call, _ in node.given], reverse=True)


def _apart(calls: Sequence[Call]) -> list[list[Call]]:
    """Part promotions that have nothing to do with one another: goods, groups, gifts of one SKU, the shipping fee."""
    parts: list[tuple[int, set[str], list[Call]]] = []
    for call in calls:
        mask, names, members = call.touched, set(call.shared), [call]
        for part in [p for p in parts if p[0] & mask or not names.isdisjoint(p[1])]:
            parts.remove(part)
            mask |= part[0]
            names |= part[1]
            members += part[2]
        parts.append((mask, names, members))
    return [sorted(members, key=acting) for _, _, members in parts]


def _is_plain(calls: Sequence[Call], everything: Node) -> bool:
    """Tell whether leaving any of the promotions out could only take off less."""
    groups = [call.promotion.group for call in calls if call.promotion.group]
    if len(set(groups)) < len(groups):
        return False
    if any(isinstance(call.promotion.offer, _SETS) or call.limit is not None for call in calls):
        return False
    if len(everything.given) < len(calls):
        return False
    return all(
        call.alone is not None and (given.level, given.gift) == (call.alone.level, call.alone.gift)
        for call, given in everything.given
    )


def _above(calls: Sequence[Call]) -> list[int]:
    """Return what the promotions from each on could take off at most: each by itself, of a group the biggest."""
    above = [0]
    biggest: dict[str, int] = {}
    for call in reversed(calls):
        group, more = call.promotion.group, call.upper
        if group:
            more = max(0, call.upper - biggest.get(group, 0))
            biggest[group] = biggest.get(group, 0) + more
        above.append(above[-1] + more)
    above.reverse()
    return above


def _unrivaled(calls: Sequence[Call]) -> list[Call]:
    """Return the promotions but those that bring less than another of their group, or set for the same goods."""
    groups: set[str] = set()
    sets: list[int] = []
    kept = []
    for call in sorted(calls, key=lambda call: (-call.upper, call.rank)):
        group = call.promotion.group
        if group and group in groups:
            continue
        if isinstance(call.promotion.offer, _SETS):
            if any(call.mask & mask for mask in sets):
                continue
            sets.append(call.mask)
        groups.add(group)
        kept.append(call)
    return sorted(kept, key=acting)
