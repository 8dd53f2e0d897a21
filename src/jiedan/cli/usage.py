"""What was typed wrong, in our words: the parser's own sentences are English alone."""

import difflib
import functools
from collections.abc import Iterable
from typing import Literal, get_args, get_origin

import cyclopts
from cyclopts import exceptions

from jiedan.base.i18n import Phrase, Series

_MUST_BE = "Must be "
"""How the parser's own checks of numbers begin; a bound like `>= 1` follows."""


@functools.singledispatch
def sentence(error: cyclopts.CycloptsError) -> str:
    """Return what was typed wrong and what would help."""
    del error
    return Phrase("This command line cannot be understood: --help shows how it is typed.")


@sentence.register
def _(error: exceptions.UnknownCommandError) -> str:
    typed = _typed(error.unused_tokens[0] if error.unused_tokens else "")
    if typed.startswith("-"):
        return Phrase("There is no option {typed}: --help lists what there is.", typed=typed)
    known = [name for name in error.app or () if not name.startswith("-")]
    if near := _near(typed, known):
        return Phrase("There is no command {typed}: did you mean {near}?", typed=typed, near=near)
    return Phrase("There is no command {typed}. Use one of: {known}.", typed=typed, known=Series(known))


@sentence.register
def _(error: exceptions.UnknownOptionError) -> str:
    typed = (error.token.keyword or error.token.value).partition("=")[0]
    known = [name for argument in error.argument_collection if argument.parse for name in argument.names]
    if near := _near(typed, known):
        return Phrase("There is no option {typed}: did you mean {near}?", typed=typed, near=near)
    return Phrase("There is no option {typed}: --help lists what there is.", typed=typed)


@sentence.register
def _(error: exceptions.UnusedCliTokensError) -> str:
    return Phrase("{typed} is too much: --help shows what the command takes.", typed=Series(error.unused_tokens or ()))


@sentence.register
def _(error: exceptions.MissingArgumentError) -> str:
    return Phrase(
        "{name} is missing: --help shows what the command takes.", name=error.keyword or _name(error.argument)
    )


@sentence.register
def _(error: exceptions.RepeatArgumentError) -> str:
    return Phrase("{name} was given more than once: give it once.", name=error.token.keyword or "")


@sentence.register
def _(error: exceptions.ArgumentOrderError) -> str:
    named = [each.tokens[0].keyword or "" for each in error.prior_positional_or_keyword_supplied_as_keyword_arguments]
    name = error.argument.name if error.argument is not None else ""
    return Phrase(
        "{typed} needs its name after {named}: {name} {typed}.", typed=error.token, named=Series(named), name=name
    )


@sentence.register
def _(error: exceptions.CoercionError) -> str:
    name = (error.token and error.token.keyword) or _name(error.argument)
    typed = _typed(error.token.value if error.token is not None else "")
    choices = get_args(error.target_type) if get_origin(error.target_type) is Literal else ()
    if choices:
        return Phrase(
            "{name} cannot be {typed}: choose one of {choices}.",
            name=name,
            typed=typed,
            choices=Series(str(choice) for choice in choices),
        )
    if error.target_type in (int, float):
        return Phrase("{name} cannot be {typed}: give a number.", name=name, typed=typed)
    return Phrase("{name} cannot be {typed}: --help shows what the command takes.", name=name, typed=typed)


@sentence.register
def _(error: exceptions.ValidationError) -> str:
    token = error.argument.tokens[0] if error.argument is not None and error.argument.tokens else None
    name = (token and token.keyword) or _name(error.argument)
    typed = _typed(token.value if token is not None else "")
    if not error.exception_message.startswith(_MUST_BE):
        return Phrase("{name} cannot be {typed}: --help shows what the command takes.", name=name, typed=typed)
    bound = error.exception_message.removeprefix(_MUST_BE).rstrip(".")
    return Phrase("{name} cannot be {typed}: it must be {bound}.", name=name, typed=typed, bound=bound)


def _typed(word: str) -> str:
    """Return a word as it can be seen in a sentence, an empty one too."""
    return word or '""'


def _name(argument: cyclopts.Argument | None) -> str:
    """Return how a parameter is written where it stands without its name, as in --help: FILE."""
    if argument is None:
        return ""
    return argument.name if argument.field_info.is_keyword_only else argument.name.lstrip("-").upper()


def _near(typed: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(typed, list(known), n=1)
    return near[0] if near else None
