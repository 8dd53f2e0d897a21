"""Answers of the API beyond a plain value: created, versioned, listed."""

from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from litestar import Response

from jiedan.base import paging
from jiedan.base.web.unit import Unit

T = TypeVar("T")

CAPPED_HEADER = "Jiedan-Search-Capped"
"""Names how many matches were looked at, when a search is so broad that there are more."""


def created(content: T, location: str, *, version: int | None = None) -> Response[T]:
    """Answer 201 with the place of what was created."""
    headers = {"Location": location}
    if version is not None:
        headers["ETag"] = etag(version)
    return Response(content, status_code=201, headers=headers)


def accepted(content: T, location: str) -> Response[T]:
    """Answer 202 with the place where one sees how far it is."""
    return Response(content, status_code=202, headers={"Location": location})


def versioned(content: T, version: int) -> Response[T]:
    """Answer with the version as an ETag, to come back in `If-Match`."""
    return Response(content, headers={"ETag": etag(version)})


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def listing(unit: Unit, page: paging.Page[T]) -> Response[paging.Listing[T]]:
    """Answer a page, with `Link` headers to its neighbors."""
    links = [
        f'<{_address(unit, cursor)}>; rel="{rel}"'
        for rel, cursor in (("next", page.next), ("prev", page.previous))
        if cursor is not None
    ]
    headers = {"Link": ", ".join(links)} if links else None
    return Response(paging.Listing(page.items, page.next, page.previous), headers=headers)


def capped(answer: Response[T], looked_at: int | None) -> Response[T]:
    """Return the answer of a search; `looked_at` counts what was looked at where the search is too broad for all."""
    if looked_at is not None:
        answer.headers[CAPPED_HEADER] = str(looked_at)
    return answer


def _address(unit: Unit, cursor: str) -> str:
    scope: Any = unit.request.scope
    query = [(k, v) for k, v in parse_qsl(scope["query_string"].decode("latin-1")) if k != "cursor"]
    return f"{scope['path']}?{urlencode([*query, ('cursor', cursor)])}"
