"""A thousand hostile expressions are refused, each in bounded work, and none of them reaches anything."""

import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedan.base.errors import Invalid, Refusal
from jiedan.pricing import rules, values
from jiedan.pricing.rules import formulas
from jiedan.pricing.values import formulas as limits

SEED = 20_261_122

NAMES = (
    "x",
    "rate",
    "wood",
    "().__class__",
    "__builtins__",
    "__import__",
    "open",
    "eval",
    "exec",
    "os",
    "sys",
    "globals",
)
ESCAPES = (
    "{n}.__class__.__bases__[0].__subclasses__()",
    "{n}.as_integer_ratio()",
    "__import__('{n}').system('id')",
    "getattr({n}, '__dict__')",
    "{n}.__globals__['os']",
    "[].__class__.{n}",
    "(lambda: {n})()",
    "[{n} for {n} in range(10)]",
    "{{{n}: 1}}",
    "f'{{{n}}}'",
    "exec('{n}')",
    "open('/etc/{n}').read()",
    "{n} := 1",
    "{n}[0]",
    "{n}['a']",
    "*{n}",
    "**{n}",
    "@{n}",
    "import {n}",
    "del {n}",
    "while 1: {n}",
    "{n}; import os",
    "yield {n}",
    "await {n}",
    "`{n}`",
    "{n} if 1",
    "{n}\\nimport os",
    "type({n})",
    "vars({n})",
    "{n}.__init__",
    "lookup({n}.rows, 1)",
    "lookup(__class__, {n})",
    "max(*{n})",
    "max(key={n})",
    "round({n}, ndigits=2)",
    "${{{n}}}",
    "{{{{{n}}}}}",
    "<script>{n}</script>",
    "{n}' OR '1'='1",
    "\x00{n}",
    "{n}\x00",
    "{n} \ud7ff",
    "\u202e{n}",
    "{n}\ufeffx()",
    "０x{n}",
)
BOMBS = (
    "9**9**9**9",
    "9^9^9^9",
    "10 ** 1000000",
    "'a' * 1000000000",
    "'a' + 'b'",
    "1e999999999",
    "1E+400",
    "0xFFFF",
    "0b1",
    "1_000",
    "inf",
    "nan",
    "NaN + rate",
    "1j",
    "9" * 19,
    "1." + "9" * 30,
    "1 << 1000000",
    "1 // 0",
    "1 % 0",
    "~1",
    "5!",
    "1 < 2 < 3",
    "x = x; rate",
    "y = y + 1; y",
    "True",
    "None",
    "...",
    "''",
    '""',
    "'" + "a" * 65 + "'",
    "",
    " ",
    ";",
    ";;",
    "()",
    "max()",
    "rate rate",
    "rate,",
    "(rate, rate)",
    "rate;",
    "a = ; rate",
    "a == ; rate",
    "1 = rate",
    "if 1 else 2",
    "rate if else 1",
    "not",
    "and rate",
    "rate or",
    "\ufdfa" * 100,
)
TOWERS = (
    ("(", "x", ")"),
    ("-", "x", ""),
    ("not ", "x > 1", ""),
    ("max(1, ", "x", ")"),
    ("1 if x > 1 else ", "x", ""),
    ("(1 + ", "x", ")"),
    ("abs(", "x", ")"),
)


def corpus() -> list[str]:
    """Return the expressions: escapes, bombs, towers, endless rows, and mutilated good ones, from one seed."""
    found = [escape.format(n=name) for escape, name in itertools.product(ESCAPES, NAMES)]
    found += BOMBS
    for (before, core, after), high in itertools.product(TOWERS, (21, 40, 100, 150, 333, 2_000, 100_000)):
        found.append(before * high + core + after * high)
    for sign, many in itertools.product("+-*/", (201, 400, 5_000, 1_000_000)):
        found.append(sign.join(["x"] * many))
    found += ["; ".join(f"s{i} = {i}" for i in range(n)) + "; rate" for n in (20, 30, 90, 9_999)]
    dice = random.Random(SEED)  # the same thousand each time
    good = "area = roundup(length * width, 0.5); rate * area + setup if wood == 'oak' else max(rate, setup)"
    while len(found) < 1_100:
        cut = dice.randrange(len(good))
        broken = (
            good[:cut] + dice.choice("()'\";=@#$&|\\{}[]~?!%^.") * dice.randint(1, 3) + good[cut + dice.randint(0, 4) :]
        )
        found.append(broken)
    return found


GROUND = values.Formula(
    "desk",
    "rate",
    attributes=(
        values.FormulaAttribute("x", minimum=Decimal(1), maximum=Decimal(9)),
        values.FormulaAttribute("length", minimum=Decimal(1), maximum=Decimal(9)),
        values.FormulaAttribute("width", minimum=Decimal(1), maximum=Decimal(9)),
        values.FormulaAttribute("wood", choices=("oak", "pine")),
    ),
    constants=(
        values.FormulaConstant("rate", amounts={"CNY": 100}),
        values.FormulaConstant("setup", amounts={"CNY": 5}),
    ),
)
LONGEST: dict[str, values.AttributeValue] = {"x": 9, "length": 9, "width": 9, "wood": "pine"}


def outcome(expression: str) -> Invalid | int:
    """Return why an expression is refused, or what it reckons; anything else that is raised is a hole."""
    of = values.Formula(GROUND.code, expression, "", GROUND.attributes, GROUND.constants)
    try:
        compiled = rules.compile_formula(of)
        return formulas.reckon(compiled, formulas.read_attributes(compiled, LONGEST), "CNY").unit_minor
    except Invalid as refusal:
        return refusal


def test_hostile_expressions_are_refused_as_bad_input() -> None:
    every = corpus()
    assert len(set(every)) >= 1_000
    accepted = []
    for expression in every:
        result = outcome(expression)
        if isinstance(result, int):
            accepted.append(expression)
            continue
        assert result.code.startswith("formula_"), expression[:80]
        assert len(str(result)) < 600, expression[:80]
    # What a cut leaves whole is an ordinary formula, and reckons like one.
    assert len(accepted) < 60, accepted
    assert all("__" not in expression and "import" not in expression for expression in accepted)


def test_work_is_bounded_by_what_is_read_not_by_what_is_sent() -> None:
    """However long an expression is, no more of it than the limit is looked at: a tenfold is refused as fast."""
    for size in (limits.EXPRESSION_CHARACTERS_MAX + 1, 10_000_000):
        with pytest.raises(Refusal) as refused:
            formulas.parse("(" * size)
        assert refused.value.code == "formula_too_large"


def test_squaring_over_and_over_ends_at_the_bound_of_values() -> None:
    def squared(times: int) -> values.Formula:
        steps = ["s0 = x", *(f"s{i + 1} = s{i} * s{i}" for i in range(times)), f"s{times}"]
        return values.Formula("bomb", "; ".join(steps), "CNY", GROUND.attributes[:1])

    with pytest.raises(Refusal) as refused:
        rules.compile_formula(squared(20))
    assert refused.value.code == "formula_too_large", "20 steps at most"
    compiled = rules.compile_formula(squared(18))
    with pytest.raises(Refusal) as overflown:
        formulas.reckon(compiled, formulas.read_attributes(compiled, {"x": 9}), "CNY")
    assert (overflown.value.code, overflown.value.field) == ("formula_overflow", "attributes.x")


@settings(max_examples=300)
@given(st.text(alphabet="x rate12.5%+-*/()<>=!,;'\"ifelsandoru", max_size=60) | st.text(max_size=60))
def test_any_text_is_a_formula_or_a_refusal(text: str) -> None:
    result = outcome(text)
    assert isinstance(result, int) or result.code.startswith("formula_")
