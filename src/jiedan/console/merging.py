"""Two people edit one thing: put together what both typed, so that nothing is lost. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Merged(NamedTuple):
    """What comes of it, by field: the texts to go on with, and who changed what.

    `conflicts` were changed by both, to different texts: those go on with mine, until somebody chooses.
    """

    texts: dict[str, str]
    conflicts: tuple[str, ...]
    theirs: tuple[str, ...]
    mine: tuple[str, ...]


def merge(base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]) -> Merged:
    """Return what comes of `mine`, typed into what was `base`, where it has become `theirs` meanwhile.

    A field that `base` does not know counts as changed by both.
    """
    texts: dict[str, str] = {}
    conflicts, taken, kept = [], [], []
    for name, their_text in theirs.items():
        my_text = mine.get(name, "")
        before = base.get(name)
        texts[name] = my_text
        if my_text == their_text:
            continue
        if my_text == before:
            texts[name] = their_text
            taken.append(name)
        elif their_text == before:
            kept.append(name)
        else:
            conflicts.append(name)
    return Merged(texts, tuple(conflicts), tuple(taken), tuple(kept))


def chosen(mine: Mapping[str, str], theirs: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Return `mine` with the fields `names` taken from `theirs`."""
    return {**mine, **{name: theirs[name] for name in names if name in theirs}}
