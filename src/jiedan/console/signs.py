"""How a status is shown: a word, a color, and how far the circle beside it is filled."""

from typing import NamedTuple


class Sign(NamedTuple):
    """How a status is shown: `label` a message id, `tone` its color, `level` how far the circle beside it is filled."""

    label: str
    tone: str = ""
    level: str = "empty"
