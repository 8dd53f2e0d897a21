"""`jiedan customer preview-erasure | erase | erase-guest`."""

from uuid import UUID

import cyclopts

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.cli import merchant, output, runtime
from jiedan.privacy import queries, run, service
from jiedan.privacy.values import Erasure, Status

app = cyclopts.App(name="customer", help=N_("Erase the personal data of a customer or a guest."))

_NOTHING_IN_THE_WAY = N_("Nothing stands in the way. To erase: --confirm {word!r}")
_STATES = {
    Status.telling: N_("The customer is told by a last mail; the worker goes on when it is out."),
    Status.erasing: N_("{done} of {total} orders are through; the worker goes on."),
    Status.done: N_("Nothing is left of the customer but {total} orders, under an id that leads to nobody."),
}


@app.command
async def preview_erasure(slug: str, customer_id: UUID) -> None:
    """Tell what erasing a customer would do, and what stands in the way; nothing is changed.

    Parameters
    ----------
    slug
        The merchant.
    customer_id
        The customer.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        async with jiedan.database.read(scope) as tx:
            preview = await queries.preview(tx, customer_id, await queries.known_as(tx, customer_id))
    if preview.refusals:
        raise errors.one_of(preview.refusals)
    told = {"customer_id": customer_id, "confirm_with": preview.name, **preview.kept._asdict()}
    output.result(told, _NOTHING_IN_THE_WAY, word=preview.name)


@app.command
async def erase(slug: str, customer_id: UUID, *, confirm: str = "") -> None:
    """Erase the personal data of a customer for ever; run again, it goes on where it was.

    Parameters
    ----------
    slug
        The merchant.
    customer_id
        The customer.
    confirm
        The customer's name, as `preview-erasure` tells it.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        async with jiedan.database.read(scope) as tx:
            begun = await queries.find(tx, customer_id)
        if begun is None:
            begun = await jiedan.database.write(
                scope, lambda tx: service.begin_erasure(tx, customer_id=customer_id, confirmation=confirm)
            )
        _tell(await run.run(jiedan.database, scope.tenant, begun.erasure_id))


@app.command
async def erase_guest(slug: str, email: str, *, confirm: str = "") -> None:
    """Erase the personal data of a guest for ever: of every order that was placed with an address by no customer.

    Parameters
    ----------
    slug
        The merchant.
    email
        The address that the guest ordered with.
    confirm
        The address again.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        begun = await jiedan.database.write(
            scope, lambda tx: service.begin_guest_erasure(tx, email=email, confirmation=confirm)
        )
        _tell(await run.run(jiedan.database, scope.tenant, begun.erasure_id))


def _tell(erasure: Erasure) -> None:
    told = {
        "erasure_id": erasure.erasure_id,
        "customer_id": erasure.customer_id,
        "status": erasure.status,
        "orders_done": erasure.orders_done,
        "orders_total": erasure.orders_total,
    }
    output.result(told, _STATES[erasure.status], done=erasure.orders_done, total=erasure.orders_total)
