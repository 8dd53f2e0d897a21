"""Examples of answers: the same each time, of the right type, in the words of the field."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec

from jiedan.base.web import examples


class Leaf(msgspec.Struct):
    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1)]


class Tree(msgspec.Struct):
    tree_id: UUID
    state: Literal["grown", "felled"]
    leaves: list[Leaf]
    leaf_by_sku: dict[str, Leaf]
    planted_at: datetime
    canceled_at: datetime | None
    parent: "Tree | None"
    children: "tuple[Tree, ...]"


class Told(msgspec.Struct):
    __example__: ClassVar[dict[str, Any]] = {"name": "as it says"}

    name: str


def test_an_example_is_of_its_type_and_the_same_each_time() -> None:
    made: Any = examples.of(list[Tree])
    assert made == examples.of(list[Tree])
    (tree,) = msgspec.convert(made, list[Tree])
    assert tree.leaves == [Leaf("TEA-100", 1)]
    assert tree.leaf_by_sku == {"row-1": Leaf("TEA-100", 1)}
    assert (tree.canceled_at, tree.parent, tree.children) == (None, None, ())
    assert tree.tree_id.version == 7


def test_a_struct_may_tell_its_own_example() -> None:
    assert examples.of(dict[str, Told]) == {"row-1": {"name": "as it says"}}
