"""Answering a page of a shop."""

import functools
from typing import Any

from litestar import Response

from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.portal import pictures
from jiedan.portal.visitor import Visitor

PRIVATE = "no-store"
BRIEFLY = "private, no-cache"
"""Pages without personal data: the browser may keep them to go back, and asks before it shows them anew."""


def render(
    unit: Unit,
    visitor: Visitor,
    name: str,
    *,
    part: str | None = None,
    form: Filled[Any] | None = None,
    status: int | None = None,
    cache: str = PRIVATE,
    **context: Any,
) -> Response[str]:
    """Answer the page `name` in the frame of the shop, or its template `part` to a script that asks for that alone."""
    answer = pages.render(
        unit,
        name,
        part=part,
        form=form,
        status=status,
        shop=unit.exchange.shopfront,
        visitor=visitor,
        at=visitor.at,
        source=functools.partial(pictures.source, visitor),
        **context,
    )
    answer.headers["cache-control"] = cache if answer.status_code in {None, forms.OK_STATUS} else PRIVATE
    return answer
