"""What came of something that was done to many: one row each."""

from collections.abc import Sequence
from typing import NamedTuple

from litestar import Response

from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit


class Result(NamedTuple):
    """One row: what it is called, where it is, why it was refused, and what else is to be said of it."""

    name: str
    path: str
    refusal: Refusal | None
    note: str = ""


def told(unit: Unit, results: Sequence[Result], *, title: str, back: str) -> Response[str]:
    """Answer what came of each, the refused ones first; `title` is a message id."""
    rows = sorted(
        ((x, "" if x.refusal is None else i18n.say(unit.locale, x.refusal)) for x in results), key=lambda x: not x[1]
    )
    return pages.render(
        unit,
        "fulfillment/results.html",
        status=409 if results and all(x.refusal for x in results) else None,
        title=title,
        rows=rows,
        back=back,
        refused=sum(bool(text) for _, text in rows),
    )
