"""The category tree: no cycles, bounded depth, paths from the root."""

import dataclasses
from collections.abc import Mapping, Sequence

from jiedan.base.errors import Refusal
from jiedan.catalog import errors
from jiedan.catalog.values import Category, CategoryId

CATEGORIES_MAX = 2_000
CATEGORY_DEPTH_MAX = 8


def ancestors(category_id: CategoryId, parents: Mapping[CategoryId, CategoryId | None]) -> list[CategoryId]:
    """Return `category_id` and everything above it, up to the root; stops where a stored tree would run in circles."""
    line: list[CategoryId] = []
    at: CategoryId | None = category_id
    while at is not None and at not in line:
        line.append(at)
        at = parents.get(at)
    return line


def refuse_move(
    category_id: CategoryId, parent_id: CategoryId | None, categories: Mapping[CategoryId, Category]
) -> Refusal | None:
    """Return why `category_id` may not stand below `parent_id`, or None; an id not in `categories` is a new one."""
    if parent_id is None:
        return None
    if parent_id not in categories:
        return errors.UnknownCategory(str(parent_id), field="parent_id")
    parents: dict[CategoryId, CategoryId | None] = {c.category_id: c.parent_id for c in categories.values()}
    above = ancestors(parent_id, parents)
    if category_id in above:
        return errors.CategoryCycle(categories[category_id].code, categories[parent_id].code, field="parent_id")
    depth = len(above) + _height(category_id, parents)
    if depth > CATEGORY_DEPTH_MAX:
        return errors.LimitExceeded(depth, CATEGORY_DEPTH_MAX, field="parent_id")
    return None


def inside(code: str, categories: Sequence[Category]) -> list[CategoryId]:
    """Return the ids of the category with this code and of everything below it. Raises UnknownCategory."""
    top = next((c.category_id for c in categories if c.code == code), None)
    if top is None:
        raise errors.UnknownCategory(code, field="category")
    parents: dict[CategoryId, CategoryId | None] = {c.category_id: c.parent_id for c in categories}
    return [c.category_id for c in categories if top in ancestors(c.category_id, parents)]


def with_paths(categories: Sequence[Category]) -> list[Category]:
    """Return the categories with their paths, parents before children, siblings by position, name and code."""
    by_id = {c.category_id: c for c in categories}
    parents: dict[CategoryId, CategoryId | None] = {c.category_id: c.parent_id for c in categories}
    lines = {c.category_id: [by_id[i] for i in reversed(ancestors(c.category_id, parents))] for c in categories}
    placed = [dataclasses.replace(c, path=tuple(node.name for node in lines[c.category_id])) for c in categories]
    return sorted(placed, key=lambda c: [(node.position, node.name, node.code) for node in lines[c.category_id]])


def _height(category_id: CategoryId, parents: Mapping[CategoryId, CategoryId | None]) -> int:
    """Return how many levels the subtree of `category_id` has, itself included."""
    below = [ancestors(other, parents) for other in parents]
    return max([line.index(category_id) + 1 for line in below if category_id in line], default=1)
