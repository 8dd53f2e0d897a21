"""Every operation that writes, and the objects it is about: two operations on one object make a pair.

`{name}` in addresses and bodies is something of the stage's. What is left out of the API's own list stands in
`LEFT_OUT` with its reason.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.interleavings import on_orders, on_the_rest
from tests.interleavings.operation import Operation

OPERATIONS = [*on_orders.OPERATIONS, *on_the_rest.OPERATIONS]

LEFT_OUT = {
    "POST /carriers/quotes": "only reads",
    "POST /orders/preview": "only reads",
    "POST /orders/{order_id}/edit-preview": "only reads",
    "POST /stock/availability": "only reads",
    "POST /exports": "reads, and tells that it did",
    "POST /imports": "keeps a file: nothing else can know it yet",
    "POST /products/{product_id}/images": "files, not rows: tests/catalog/test_images.py",
    "PUT /products/{product_id}/images/order": "as images",
    "DELETE /images/{image_id}": "as images",
    "POST /payments/{payment_id}/captures": "a transaction before the provider and one after: they are met one by one",
    "POST /payments/{payment_id}/voids": "as captures",
    "DELETE /me/sessions/{session_id}": "the caller of an API key has no sessions",
}


class Pair(NamedTuple):
    """Two operations at once; `how` two of the same kind meet: "", under the same key, or having seen one version."""

    one: Operation
    other: Operation
    how: str = ""

    @property
    def name(self) -> str:
        """How reports call it."""
        return f"{self.one.name} / {self.other.name}" + (f" ({self.how})" if self.how else "")


def pairs(operations: Sequence[Operation], *, keyed: frozenset[str], versioned: frozenset[str]) -> Iterator[Pair]:
    """Yield every two operations that are about the same object, and each with itself."""
    for i, one in enumerate(operations):
        for other in operations[i:]:
            if one.on & other.on:
                yield Pair(one, other)
        address = f"{one.method} {one.path}"
        if address in keyed or "{key}" in str(one.body):
            yield Pair(one, one, "same key")
        if address in versioned:
            yield Pair(one, one, "same version")
