"""What changes while somebody looks at a page: one stream per tab, resumed by position.

`GET /c/{slug}/live` follows the merchant's events as `stream` does, but tells only what they are about. htmx makes an
event of the page of each message, so a part of a page asks for itself again by its own address, with its own
permission:

    <section hx-get="{{ url('/orders/…') }}" hx-select="#parcels" hx-trigger="order-changed-{{ order_id }} from:body">

`order-changed` says that some order changed, `order-changed-{id}` which. A tab that was away for too long hears
`live-reset` instead, a new one `live-open`. Without scripts nothing is asked for, and the page stays as it was loaded.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter

from jiedan.base.events import StoredEvent
from jiedan.base.web import routing, stream
from jiedan.base.web.bodies import INT64_MAX
from jiedan.base.web.unit import Unit

BEHIND_MAX = 1_000
"""Events that a tab may have missed and still be told of, one by one."""

OPEN, RESET = "live-open", "live-reset"


@get("/live", permission="account:self", media_type="text/event-stream")
async def follow_changes(
    unit: Unit, after: Annotated[int | None, Parameter(ge=0, le=INT64_MAX)] = None
) -> Response[Any]:
    """Send a message for each thing that changed, behind the position that the tab saw last."""
    counted = stream.opened(unit)
    position = stream.last_seen(unit, after)
    async with unit.read() as tx:
        newest = await stream.last_position(tx)
    name = OPEN
    if position is None or position > newest:
        position = newest
    elif newest - position > BEHIND_MAX:
        position, name = newest, RESET
    return stream.answer(unit, position, changes, counted, first=message(position, name))


def changes(found: Iterable[StoredEvent]) -> bytes:
    """Return one message for each kind of thing and each thing that events are about, at the position of the last."""
    position_by_name: dict[str, int] = {}
    for event in found:
        for name in (f"{event.subject_kind}-changed", f"{event.subject_kind}-changed-{event.subject_id}"):
            position_by_name.pop(name, None)
            position_by_name[name] = event.position
    return b"".join(message(position, name) for name, position in position_by_name.items())


def message(position: int, name: str) -> bytes:
    """Return a message without content."""
    return f"id: {position}\nevent: {name}\ndata: 1\n\n".encode()


ROUTER = routing.console([follow_changes])
