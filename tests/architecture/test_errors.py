"""Every error names itself and what would help, with placeholders it can fill."""

import dataclasses
import importlib
import re
from collections.abc import Iterator
from string import Formatter

from jiedan.base import errors
from tests.architecture import tree

_NOT_IMPORTED = {"migrations", "__main__"}


def _errors() -> Iterator[type[errors.Refusal]]:
    for source in tree.sources():
        if source.parts[0] not in _NOT_IMPORTED:
            importlib.import_module(".".join(["jiedan", *(p for p in source.parts if p != "__init__")]))
    waiting: list[type[errors.Refusal]] = [errors.Refusal]
    while waiting:
        for subclass in waiting.pop().__subclasses__():
            if subclass.__module__.startswith("jiedan."):
                waiting.append(subclass)
                yield subclass


def test_messages_use_only_the_fields_of_their_error() -> None:
    broken = []
    for error in _errors():
        known = {field.name for field in dataclasses.fields(error)}
        texts = (error.message, error.remedy)
        used = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
        if used - known and error.data is errors.Refusal.data:
            broken.append(f"{error.__module__}.{error.__name__}: {sorted(used - known)}")
    assert not broken, "\n".join(broken)


def test_codes_are_stable_names_and_unique_in_their_module() -> None:
    codes: dict[tuple[str, str], str] = {}
    broken = []
    for error in _errors():
        name = f"{error.__module__}.{error.__name__}"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", error.code):
            broken.append(f"{name}: {error.code!r} is not a code")
        key = (error.__module__.split(".")[1], error.code)
        if "code" in vars(error) and codes.setdefault(key, name) != name:
            broken.append(f"{error.code!r} is the code of {codes[key]} and of {name}")
    assert not broken, "\n".join(broken)


_OWN_REMEDY = {
    "jiedan.base.errors.Conflict": "a branch of the tree, never raised itself",
    "jiedan.base.errors.Forbidden": "a branch of the tree, never raised itself",
    "jiedan.base.errors.Invalid": "a branch of the tree, never raised itself",
    "jiedan.base.errors.Rejections": "each of its reasons says what would help",
    "jiedan.pricing.errors.carts.CannotPrice": "each of its reasons says what would help",
    "jiedan.pricing.errors.drafts.CannotPublish": "each of its reasons says what would help",
}
"""The errors without a remedy, each with why it needs none."""


def test_no_refusal_is_a_dead_end() -> None:
    mute = {f"{e.__module__}.{e.__name__}" for e in _errors() if not e.remedy}
    assert sorted(mute - _OWN_REMEDY.keys()) == []
    assert sorted(_OWN_REMEDY.keys() - mute) == [], "these have a remedy: strike them out"
