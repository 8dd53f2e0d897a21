"""What stands in the way when the customer of orders is to be forgotten."""

from typing import Literal, NamedTuple

Why = Literal["open", "moving", "owed_to", "owed_by"]
"""Open; money that a provider has not answered for; owed to the customer; owed by the customer."""


class Obstacle(NamedTuple):
    """An order that is not over yet, and why."""

    number: str
    why: Why
