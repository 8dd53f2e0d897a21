"""A small module of its own, as the tests of the frame need one: REST, pages and everything that can go wrong."""

import dataclasses
from typing import Annotated, Any, ClassVar
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter

from jiedan.base import errors, paging
from jiedan.base.i18n import N_
from jiedan.base.web import answers, bodies, forms, pages, routing
from jiedan.base.web.site import NavigationEntry
from jiedan.base.web.unit import Unit

READ, WRITE = "things:read", "things:write"


@dataclasses.dataclass(eq=False)
class SoldOut(errors.Conflict):
    """Not enough is left."""

    code: ClassVar[str] = "sold_out"
    message: ClassVar[str] = "Only {available} are left."
    remedy: ClassVar[str] = "Take fewer."

    available: int


class Line(bodies.Body):
    """One line."""

    sku: bodies.Code
    quantity: bodies.Quantity


class Thing(bodies.Body):
    """A thing."""

    __example__: ClassVar[dict[str, Any]] = {"lines": [{"sku": "TEA-01", "quantity": 2}]}

    lines: list[Line]
    note: bodies.Text | None = None


@post("/things", permission=WRITE, idempotent=True, summary="Make a thing")
async def make_thing(unit: Unit, data: Thing) -> Response[dict[str, Any]]:
    """Make a thing of lines."""
    made = {"lines": len(data.lines), "key": unit.idempotency_key, "actor": unit.principal.actor.id}
    return answers.created(made, "/api/v1/things/1", version=1)


@get("/things", permission=READ, summary="List things")
async def list_things(
    unit: Unit,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
    kind: str | None = None,
    weight: Annotated[int | None, QueryParameter(name="weight_g", ge=1)] = None,
) -> dict[str, Any]:
    """List things."""
    asked = unit.page("things", filters={"kind": kind}, limit=limit, cursor=cursor)
    return {"limit": asked.limit, "next": asked.sealed((1,), backwards=False), "weight_g": weight}


@get("/pages", permission=READ, summary="List pages")
async def list_pages(unit: Unit, kind: str | None = None, cursor: str | None = None) -> Response[paging.Listing[int]]:
    """List a page in the middle."""
    asked = unit.page("pages", filters={"kind": kind}, cursor=cursor)
    page = paging.Page([2, 3], asked.sealed((3,), backwards=False), asked.sealed((2,), backwards=True))
    return answers.listing(unit, page)


@get("/things/{thing_id:uuid}", permission=READ)
async def get_thing(unit: Unit, thing_id: UUID) -> Response[dict[str, Any]]:
    """Get a thing."""
    return answers.versioned({"id": thing_id, "if_match": unit.if_match}, 3)


@get("/names/{name:str}", permission=READ)
async def get_name(unit: Unit, name: str) -> dict[str, str]:
    """Get a name."""
    return {"name": name, "network": unit.network}


REFUSALS: dict[str, Exception] = {
    "not_found": errors.NotFound(field="id"),
    "conflict": SoldOut(available=2, field="lines[0].quantity"),
    "forbidden": errors.Forbidden(),
    "invalid": errors.Invalid(),
    "unavailable": errors.Unavailable(retry_after_s=7),
    "rejected": errors.Rejections(
        (SoldOut(available=2, field="lines[0].quantity"), SoldOut(available=0, field="lines[1].quantity"))
    ),
    "bug": KeyError("not for other eyes"),
}


@get("/refusals/{name:str}", permission=READ)
async def refuse(unit: Unit, name: str) -> None:
    """Refuse as asked."""
    unit.require(READ)
    raise REFUSALS[name]


@get("/database", permission=READ)
async def use_database(unit: Unit) -> None:
    """Read."""
    async with unit.read():
        pass


@get("/open", public=True)
async def open_to_all(unit: Unit) -> dict[str, bool]:
    """Answer anybody."""
    return {"known": unit.visitor is not None, "may": unit.may(READ)}


@post("/open", public=True)
async def take_from_all() -> dict[str, bool]:
    """Take anything, like an incoming webhook."""
    return {"taken": True}


@post("/incoming", public=True, incoming=True)
async def incoming() -> dict[str, bool]:
    """Take a form from elsewhere."""
    return {"taken": True}


class ThingForm(forms.Form):
    """A thing's form."""

    name: bodies.Name
    quantity: bodies.Quantity
    tags: list[str] = []  # noqa: RUF012 - msgspec copies defaults
    row: list[int] = []  # noqa: RUF012 - as above
    count: list[int | None] = []  # noqa: RUF012 - as above
    is_gift: bool = False
    note: bodies.Text | None = None


@get("/things", permission=READ)
async def things_page(unit: Unit) -> Response[str]:
    """Show the form."""
    return pages.render(unit, "base/error.html", problem=_SHOWN)


@post("/things", permission=WRITE)
async def make_by_form(unit: Unit) -> Response[str]:
    """Make a thing and go back."""
    form = await forms.read(unit, ThingForm)
    if form.value is None:
        said = {**form.errors_by_field, "": "; ".join(form.above)}
        return Response(said, status_code=form.status)  # type: ignore[arg-type]  # a test looks at what a page shows
    made = form.value
    if made.row:
        return Response(list(zip(made.row, made.count, strict=True)), status_code=201)  # type: ignore[arg-type]  # as above
    return pages.redirect(unit, "/things", flash=N_("Made {name}."), name=made.name)


@post("/things/kept", permission=WRITE)
async def keep_by_form(unit: Unit) -> Response[str]:
    """Say that a thing was kept, with a way back."""
    undo = pages.Undo("/things", {"name": "Cup", "quantity": "1"})
    return pages.redirect(unit, "/things", flash=N_("Made {name}."), name="Cup", undo=undo)


@post("/things/later", permission=WRITE)
async def refuse_form(unit: Unit) -> Response[str]:
    """Show the form again: nothing can be made just now."""
    form = await forms.read(unit, ThingForm)
    form.refuse(errors.Unavailable(retry_after_s=7))
    return pages.render(unit, "base/error.html", problem=_SHOWN, form=form)


_SHOWN = {"title": "Things", "code": "things", "detail": "All of them", "errors": None, "status": 200}

API = routing.api(
    "Things",
    [
        list_pages,
        make_thing,
        list_things,
        get_thing,
        get_name,
        refuse,
        use_database,
        open_to_all,
        take_from_all,
        incoming,
    ],
)
CONSOLE = routing.console([things_page, make_by_form, keep_by_form, refuse_form])
ROUTERS = [API, CONSOLE]
NAVIGATION = [
    NavigationEntry("/things", N_("Orders"), "inbox", READ),
    NavigationEntry("/secrets", N_("Settings"), "settings", "secrets:read"),
]
