"""Read an expression: a small language of numbers, names, comparisons and a few functions, and nothing else.

    steps    name = choice; name = choice; choice
    choice   either [if either else choice]
    either   both (or both)*
    both     denial (and denial)*
    denial   not denial | comparison
    compare  sum [< <= > >= == != sum]
    sum      product ((+ -) product)*
    product  sign ((* /) sign)*
    sign     - sign | atom
    atom     number | 12.5% | 'text' | name | function(choice, choice) | (choice)

There are no attributes, no indexes, no loops, no powers and no definitions, so there is nothing to escape from; what
is left is bounded in length, parts and levels. Full-width signs (（ ＋ ，) and × ÷ − ≤ ≥ ≠ are read as plain.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from jiedan.pricing import errors
from jiedan.pricing.values import formulas as values

FIELD = "expression"
KEYWORDS = frozenset({"if", "else", "and", "or", "not"})

_QUOTED_CHARACTERS_MAX = 60
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>[0-9]+(?:\.[0-9]+)?%?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<sign>==|!=|<=|>=|[-+*/(),;<>=])"
)
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!="})
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


class Number(NamedTuple):
    """A number, exactly."""

    source: str
    value: Fraction


class Text(NamedTuple):
    """A choice of an attribute, in quotes."""

    source: str
    value: str


class Name(NamedTuple):
    """An attribute, a constant, a table or an earlier step."""

    source: str
    name: str


class Sum(NamedTuple):
    """Terms added up, each with whether it is taken off."""

    source: str
    terms: "tuple[tuple[bool, Node], ...]"


class Product(NamedTuple):
    """Factors multiplied, each with whether it divides."""

    source: str
    factors: "tuple[tuple[bool, Node], ...]"


class Compare(NamedTuple):
    """Two sides compared."""

    source: str
    sign: str
    left: "Node"
    right: "Node"


class Every(NamedTuple):
    """Conditions of which all must hold (`and`), or one (`or`)."""

    source: str
    is_and: bool
    parts: "tuple[Node, ...]"


class Denial(NamedTuple):
    """A condition that must not hold."""

    source: str
    part: "Node"


class Choose(NamedTuple):
    """One of two, by a condition."""

    source: str
    condition: "Node"
    then: "Node"
    otherwise: "Node"


class Call(NamedTuple):
    """A function of the language, with what it is applied to."""

    source: str
    function: str
    arguments: "tuple[Node, ...]"


Node = Number | Text | Name | Sum | Product | Compare | Every | Denial | Choose | Call


class Step(NamedTuple):
    """A named value in between; the last step has no name and is the result."""

    name: str
    node: Node


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@functools.lru_cache(maxsize=1_024)
def parse(expression: str) -> tuple[Step, ...]:
    """Return the steps of an expression.

    Raises FormulaTooLarge and FormulaUnreadable, both naming the expression.
    """
    return _Reader(plain(expression)).steps()


def plain(text: str) -> str:
    """Return a text with full-width and typographic signs as plain ones. Raises FormulaTooLarge."""
    if len(text) > values.EXPRESSION_CHARACTERS_MAX:
        raise _too_large()
    normal = unicodedata.normalize("NFKC", text.translate(_SIGNS))
    if len(normal) > values.EXPRESSION_CHARACTERS_MAX:
        raise _too_large()
    return normal


def is_name(name: str) -> bool:
    """Tell whether an expression can call something by this name."""
    found = _TOKEN.fullmatch(name) if len(name) <= values.NAME_CHARACTERS_MAX else None
    return found is not None and found.lastgroup == "name" and name not in KEYWORDS and plain(name) == name


def _too_large() -> errors.FormulaTooLarge:
    return errors.FormulaTooLarge(
        values.EXPRESSION_CHARACTERS_MAX, values.EXPRESSION_PARTS_MAX, values.EXPRESSION_LEVELS_MAX, field=FIELD
    )


class _Reader:
    """Recursive descent over the tokens of one expression; depth and parts are counted as they are read."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = self._tokens()
        self.place = 0
        self.parts = 0
        self.level = 0

    def _tokens(self) -> list[_Token]:
        tokens = []
        at = 0
        while at < len(self.source):
            found = _TOKEN.match(self.source, at)
            if found is None:
                raise self._unreadable(at)
            if found.lastgroup != "space":
                kind = "sign" if found[0] in KEYWORDS else str(found.lastgroup)
                tokens.append(_Token(kind, found[0], at, found.end()))
            at = found.end()
        tokens.append(_Token("end", "", at, at))
        return tokens

    def _unreadable(self, at: int | None = None) -> errors.FormulaUnreadable:
        start = self.tokens[self.place].start if at is None else at
        return errors.FormulaUnreadable(start + 1, self.source[start : start + 20], field=FIELD)

    def _takes(self, *signs: str) -> str:
        """Return the sign that stands here, if it is one of these, and go past it."""
        token = self.tokens[self.place]
        if token.kind == "sign" and token.text in signs:
            self.place += 1
            return token.text
        return ""

    def _needs(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unreadable()

    def _since(self, start: int) -> str:
        """Return what was read since a token, as refusals quote it."""
        text = self.source[self.tokens[start].start : self.tokens[self.place - 1].end]
        return text if len(text) <= _QUOTED_CHARACTERS_MAX else f"{text[: _QUOTED_CHARACTERS_MAX - 1]}…"

    def _part(self) -> None:
        self.parts += 1
        if self.parts > values.EXPRESSION_PARTS_MAX:
            raise _too_large()

    def _below(self, read: Callable[[], Node]) -> Node:
        """Read one level further down."""
        self.level += 1
        if self.level > values.EXPRESSION_LEVELS_MAX:
            raise _too_large()
        node = read()
        self.level -= 1
        return node

    def steps(self) -> tuple[Step, ...]:
        found: list[Step] = []
        while True:
            token, after = self.tokens[self.place], self.tokens[min(self.place + 1, len(self.tokens) - 1)]
            name = token.text if token.kind == "name" and after.text == "=" else ""
            if name:
                self.place += 2
            found.append(Step(name, self.choice()))
            if len(found) > values.EXPRESSION_STEPS_MAX:
                raise _too_large()
            if not name:
                break
            self._needs(";")
        self._takes(";")
        if self.tokens[self.place].kind != "end":
            raise self._unreadable()
        return tuple(found)

    def choice(self) -> Node:
        start = self.place
        then = self._row(("or",), lambda: self._row(("and",), self.denial))
        if not self._takes("if"):
            return then
        self._part()
        condition = self._row(("or",), lambda: self._row(("and",), self.denial))
        self._needs("else")
        otherwise = self._below(self.choice)
        return Choose(self._since(start), condition, then, otherwise)

    def _row(self, signs: tuple[str, str] | tuple[str], read: Callable[[], Node]) -> Node:
        """Read operands of one rank in a row, however many: they make one node, not a tower of nodes."""
        start = self.place
        found = [(False, read())]
        while sign := self._takes(*signs):
            self._part()
            found.append((sign == signs[-1], read()))
        if len(found) == 1:
            return found[0][1]
        source = self._since(start)
        if signs == ("+", "-"):
            return Sum(source, tuple(found))
        if signs == ("*", "/"):
            return Product(source, tuple(found))
        return Every(source, signs == ("and",), tuple(node for _, node in found))

    def denial(self) -> Node:
        start = self.place
        if not self._takes("not"):
            return self.comparison()
        self._part()
        part = self._below(self.denial)
        return Denial(self._since(start), part)

    def comparison(self) -> Node:
        start = self.place
        left = self.sum()
        sign = self._takes(*_COMPARISONS)
        if not sign:
            return left
        self._part()
        right = self.sum()
        return Compare(self._since(start), sign, left, right)

    def sum(self) -> Node:
        return self._row(("+", "-"), lambda: self._row(("*", "/"), self.sign))

    def sign(self) -> Node:
        start = self.place
        if not self._takes("-"):
            return self.atom()
        self._part()
        part = self._below(self.sign)
        return Sum(self._since(start), ((True, part),))

    def atom(self) -> Node:
        self._part()
        start, token = self.place, self.tokens[self.place]
        if self._takes("("):
            inner = self._below(self.choice)
            self._needs(")")
            return inner
        if token.kind not in {"number", "text", "name"}:
            raise self._unreadable()
        self.place += 1
        if token.kind == "number":
            return self._number(token)
        if token.kind == "text":
            if len(token.text) - 2 > values.TEXT_CHARACTERS_MAX:
                raise self._unreadable(token.start)
            return Text(token.text, token.text[1:-1])
        if not self._takes("("):
            return Name(token.text, token.text)
        arguments = [self._below(self.choice)]
        while self._takes(","):
            arguments.append(self._below(self.choice))
        self._needs(")")
        return Call(self._since(start), token.text, tuple(arguments))

    def _number(self, token: _Token) -> Node:
        digits = token.text.removesuffix("%")
        if len(digits.replace(".", "")) > values.NUMBER_DIGITS_MAX:
            raise self._unreadable(token.start)
        value = Fraction(digits)
        return Number(token.text, value / 100 if token.text.endswith("%") else value)
