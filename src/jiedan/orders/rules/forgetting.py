"""What is left of texts on goods when a customer is forgotten: how long they were, and which were the same. Pure."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.pricing.rules import formulas
from jiedan.pricing.values import Said


class SaidOfLine(NamedTuple):
    """What a line of an order says of a piece, and what it said when it was placed."""

    order_id: UUID
    line_id: UUID
    said: tuple[Said, ...]
    placed: tuple[Said, ...]


def without_texts(lines: Sequence[SaidOfLine]) -> list[SaidOfLine]:
    """Return the lines that say texts, each text replaced by a stand-in of as many letters; others are left out.

    Prices are reckoned from letters, and by how many pieces are alike: so texts of one order that were different stay
    different. Whoever does it again changes nothing.
    """
    numbers: dict[tuple[UUID, str], dict[str, int]] = {}

    def forgotten(order_id: UUID, one: Said) -> Said:
        if one.letters is None:
            return one
        known = numbers.setdefault((order_id, one.name), {})
        number = known.setdefault(one.value, len(known))
        return msgspec.structs.replace(one, value=formulas.stand_in(one.letters, number))

    found = []
    for line in lines:
        said = tuple([forgotten(line.order_id, one) for one in line.said])
        placed = tuple([forgotten(line.order_id, one) for one in line.placed])
        if (said, placed) != (line.said, line.placed):
            found.append(line._replace(said=said, placed=placed))
    return found
