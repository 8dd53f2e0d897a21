"""Kinds of settings: how the text of an environment variable becomes a value, or why it never can.

Each function returns a `Kind`, which reads a text. Raises Unreadable, whose words end a sentence about the variable.
"""

import ipaddress
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jiedan.base.i18n import Phrase, Series

Kind = Callable[[str], Any]

MASK = "********"

TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
FALSE = frozenset({"0", "false", "f", "no", "n", "off"})


class Unreadable(Exception):
    """A text can never be the value of its setting."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason)
        self.reason = reason


class Secret:
    """A text that is shown nowhere by accident."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        """Return the text."""
        return self._text


def text(pattern: str | None = None) -> Kind:
    """Take a text that matches the pattern somewhere."""

    def read(said: str) -> str:
        if pattern is not None and not re.search(pattern, said):
            raise Unreadable(Phrase("it does not match {pattern}", pattern=pattern))
        return said

    return read


def secret(length_min: int = 1) -> Kind:
    """Take a secret of so many characters."""

    def read(said: str) -> Secret:
        if len(said) < length_min:
            raise Unreadable(Phrase("it must have at least {limit} characters", limit=length_min))
        return Secret(said)

    return read


def push_key() -> Kind:
    """Take a private key of web push."""

    def read(said: str) -> Secret:
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", said):
            raise Unreadable(Phrase("it is not a private key of web push: 43 characters of base64url"))
        return Secret(said)

    return read


def whole(least: int, most: int | None = None) -> Kind:
    """Take a whole number."""

    def read(said: str) -> int:
        try:
            number = int(said)
        except ValueError as error:
            raise Unreadable(Phrase("it is not a whole number")) from error
        _refuse_outside(number, least, most)
        return number

    return read


def number(least: float, most: float) -> Kind:
    """Take a number, with a point if need be."""

    def read(said: str) -> float:
        try:
            found = float(said)
        except ValueError as error:
            raise Unreadable(Phrase("it is not a number")) from error
        if not math.isfinite(found):
            raise Unreadable(Phrase("it is not a number"))
        _refuse_outside(found, least, most)
        return found

    return read


def _refuse_outside(found: float, least: float, most: float | None) -> None:
    if found < least:
        raise Unreadable(Phrase("it must be at least {limit}", limit=least))
    if most is not None and found > most:
        raise Unreadable(Phrase("it must be at most {limit}", limit=most))


def switch() -> Kind:
    """Take true or false, however it is written."""

    def read(said: str) -> bool:
        word = said.strip().lower()
        if word not in TRUE | FALSE:
            raise Unreadable(Phrase("it is neither true nor false"))
        return word in TRUE

    return read


def one_of(*choices: str) -> Kind:
    """Take one of some words."""

    def read(said: str) -> str:
        if said not in choices:
            raise Unreadable(Phrase("it must be one of {choices}", choices=Series(choices)))
        return said

    return read


def folder() -> Kind:
    """Take the path of a folder that may be made later; what comes of it is absolute."""

    def read(said: str) -> Path:
        try:
            return Path(said).expanduser().absolute()
        except RuntimeError as error:  # ~somebody, whom this machine does not know
            raise Unreadable(Phrase("there is no user of that name")) from error

    return read


def file() -> Kind:
    """Take the path of a file that is there."""

    def read(said: str) -> Path:
        path = Path(said)
        if not path.is_file():
            raise Unreadable(Phrase("there is no such file"))
        return path

    return read


def networks() -> Kind:
    """Take a list of networks, as JSON."""

    def read(said: str) -> tuple[str, ...]:
        try:
            found = json.loads(said)
        except ValueError as error:
            raise Unreadable(_NOT_JSON) from error
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise Unreadable(_NOT_JSON)
        for each in found:
            try:
                ipaddress.ip_network(each, strict=False)
            except ValueError as error:
                raise Unreadable(Phrase("{text} is no network, like 10.0.0.0/8", text=each)) from error
        return tuple(found)

    return read


_NOT_JSON = Phrase("it is a list and must be written as JSON")
