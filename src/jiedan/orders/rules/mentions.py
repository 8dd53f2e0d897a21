"""Decide whom a text calls: the names of staff that stand behind an @."""

from collections.abc import Mapping
from uuid import UUID

SIGNS = ("@", "＠")
"""As keyboards write it, and as those for Chinese do."""


def mentioned_in(text: str, names: Mapping[UUID, str]) -> tuple[UUID, ...]:
    """Return whom `text` calls, each once, in the order of their first mention; the longest name that fits counts.

    A name in Latin letters ends where the word ends: "@Annabel" does not call Ann.
    """
    by_length = sorted(((name.casefold(), key) for key, name in names.items() if name.strip()), key=_longest_first)
    folded = text.casefold()
    found: dict[UUID, None] = {}
    for place, sign in enumerate(folded):
        if sign in SIGNS:
            rest = folded[place + 1 :].lstrip(" ")
            found |= dict.fromkeys([key for name, key in by_length if _begins(rest, name)][:1])
    return tuple(found)


def _longest_first(entry: tuple[str, UUID]) -> tuple[int, str, UUID]:
    name, key = entry
    return -len(name), name, key


def _begins(rest: str, name: str) -> bool:
    if not rest.startswith(name):
        return False
    following = rest[len(name) : len(name) + 1]
    return not (_is_latin(name[-1]) and _is_latin(following))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
