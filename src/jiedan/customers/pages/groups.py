"""Groups of customers: added, renamed, removed; who is in one, and who else might be."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n, paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import NotFound, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service
from jiedan.customers.values import GROUP_CODE_CHARACTERS_MAX, CustomerId, CustomerRow, Group, Membership

ROWS = 50
FOUND_MAX = 50
TEXT_CHARACTERS_MAX = 200
LISTING_CHARACTERS_MAX = 2_000
PUT_IN = N_("Put into the group: {count}.")
TAKEN_OUT = N_("Taken out of the group: {count}.")

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=GROUP_CODE_CHARACTERS_MAX)]


class NewGroupForm(Form):
    """A group to add."""

    code: Code
    name: bodies.Name


class GroupForm(Form):
    """What a group is to be called."""

    name: bodies.Name
    version: bodies.Version | None = None


class RemovalForm(Form):
    """A group that is to go."""

    version: bodies.Version | None = None


class MembersForm(Form):
    """The customers that were ticked: on the group's page, or in the list of customers as `listing` asked for it."""

    customer_ids: Annotated[list[UUID], msgspec.Meta(max_length=FOUND_MAX)] = msgspec.field(default_factory=list)
    is_from_list: bool = False
    listing: Annotated[str, msgspec.Meta(max_length=LISTING_CHARACTERS_MAX)] = ""


class Found(NamedTuple):
    """Customers that words find; when `is_capped`, there are more."""

    rows: Sequence[tuple[CustomerRow, bool]]
    """Each with whether it is in the group."""
    is_capped: bool


class Moved(NamedTuple):
    """What became of a customer who was ticked in the list; `refusal` says why nothing could, empty where it could."""

    customer_id: UUID
    name: str
    is_changed: bool
    refusal: str


class ShownGroup(NamedTuple):
    """A group with a page of who is in it, and who else was looked for; `found` None where nobody was."""

    group: Group
    page: paging.Page[CustomerRow]
    number: paging.Count
    found: Found | None


@get("/customer-groups", permission="customers:read")
async def groups_page(unit: Unit) -> Response[str]:
    """Show all groups."""
    return await _groups(unit, None)


async def _groups(unit: Unit, form: "Filled[Any] | None") -> Response[str]:
    async with unit.read() as tx:
        found = await queries.counted_groups(tx)
    return pages.render(unit, "customers/groups.html", form=form, groups=found)


@post("/customer-groups", permission="customers:write")
async def add_group(unit: Unit) -> Response[str]:
    """Add a group."""
    form = await forms.read(unit, NewGroupForm)
    sent = form.value
    if sent is None:
        return await _groups(unit, form)
    try:
        group = await unit.write(lambda tx: service.create_group(tx, code=sent.code, name=sent.name))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _groups(unit, form)
    return pages.redirect(unit, f"/customer-groups/{group.group_id}", flash=N_("The group was added."))


@get("/customer-groups/{group_id:uuid}", permission="customers:read")
async def group_page(unit: Unit, group_id: UUID) -> Response[str]:
    """Show who is in a group, newest customer first; `find` in the address looks for others. Seven statements."""
    return await _group(unit, group_id, None)


async def _group(unit: Unit, group_id: UUID, form: "Filled[Any] | None") -> Response[str]:
    given = unit.request.query_params
    text = given.get("find", "").strip()[:TEXT_CHARACTERS_MAX]
    cursor = given.get("cursor") or None
    request = unit.page("console-group", filters={"group_id": group_id}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        group = await queries.group(tx, group_id)
        shown = ShownGroup(
            group,
            await queries.member_rows(tx, group_id=group_id, request=request),
            await queries.member_count(tx, group_id=group_id),
            await _found(tx, unit, group, text) if text and unit.may("customers:write") else None,
        )
    return pages.render(unit, "customers/group.html", form=form, shown=shown, find=text)


async def _found(tx: ReadTx, unit: Unit, group: Group, text: str) -> Found:
    matches = await queries.matching_customers(tx, text=text)
    if not matches.customer_ids:
        return Found([], is_capped=False)
    request = unit.page("group-candidates", filters={"find": text}, limit=FOUND_MAX)
    page = await queries.customer_rows(tx, request=request, among=matches.customer_ids)
    facts = await queries.row_facts(tx, [row.customer_id for row in page.items])
    rows = [(row, group.code in facts[row.customer_id].groups) for row in page.items]
    return Found(rows, is_capped=matches.is_capped or page.next is not None)


@post("/customer-groups/{group_id:uuid}", permission="customers:write")
async def rename_group(unit: Unit, group_id: UUID) -> Response[str]:
    """Call a group otherwise."""
    form = await forms.read(unit, GroupForm)
    sent = form.value
    if sent is None:
        return await _group(unit, group_id, form)
    try:
        await unit.write(
            lambda tx: service.rename_group(tx, group_id=group_id, name=sent.name, expected_version=sent.version)
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _group(unit, group_id, form)
    return pages.redirect(unit, f"/customer-groups/{group_id}", flash=N_("The group was saved."))


@post("/customer-groups/{group_id:uuid}/removal", permission="customers:write")
async def remove_group(unit: Unit, group_id: UUID) -> Response[str]:
    """Remove a group that nobody is in."""
    form = await forms.read(unit, RemovalForm)
    version = form.value.version if form.value is not None else None
    try:
        await unit.write(lambda tx: service.remove_group(tx, group_id=group_id, expected_version=version))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _group(unit, group_id, form)
    return pages.redirect(unit, "/customer-groups", flash=N_("The group was removed."))


@post("/customer-groups/{group_id:uuid}/members", permission="customers:write")
async def add_members(unit: Unit, group_id: UUID) -> Response[str]:
    """Put those who are ticked into the group."""
    return await _moved(
        unit,
        group_id,
        lambda tx, ids: service.add_members(tx, group_id=group_id, customer_ids=ids),
        flash=PUT_IN,
    )


@post("/customer-groups/{group_id:uuid}/members/removals", permission="customers:write")
async def remove_members(unit: Unit, group_id: UUID) -> Response[str]:
    """Take those who are ticked out of the group."""
    return await _moved(
        unit,
        group_id,
        lambda tx, ids: service.remove_members(tx, group_id=group_id, customer_ids=ids),
        flash=TAKEN_OUT,
    )


async def _moved(
    unit: Unit,
    group_id: UUID,
    work: Callable[[Tx, Sequence[UUID]], Awaitable[list[Membership | Refusal]]],
    *,
    flash: str,
) -> Response[str]:
    """Do `work` with those who are ticked, and go back where they were; who was refused is told, with the reason."""
    form = await forms.read(unit, MembersForm)
    sent = form.value
    if sent is None:
        return await _group(unit, group_id, form)
    back = f"/customers?{sent.listing}" if sent.is_from_list else f"/customer-groups/{group_id}"
    if not sent.customer_ids:
        return pages.redirect(unit, back, flash=N_("Nobody was ticked."), tone="warn")
    outcomes = await unit.write(lambda tx: work(tx, sent.customer_ids))
    changed = sum(isinstance(outcome, Membership) and outcome.is_changed for outcome in outcomes)
    reasons = dict.fromkeys(i18n.say(unit.locale, outcome) for outcome in outcomes if isinstance(outcome, Refusal))
    if sent.is_from_list and (reasons or changed < len(outcomes)):
        return await _told(unit, group_id, sent.customer_ids, outcomes, back=back, flash=flash)
    if not reasons:
        return pages.redirect(unit, back, flash=flash, count=changed)
    return pages.redirect(
        unit,
        back,
        flash=N_("{count} were changed, others were not. {problems}"),
        tone="bad",
        count=changed,
        problems=i18n.listed(unit.locale, list(reasons)),
    )


async def _told(
    unit: Unit,
    group_id: UUID,
    customer_ids: Sequence[UUID],
    outcomes: Sequence[Membership | Refusal],
    *,
    back: str,
    flash: str,
) -> Response[str]:
    """Show what became of each customer who was ticked in the list, when not all were changed."""
    async with unit.read() as tx:
        group = await queries.group(tx, group_id)
        heads = await queries.heads(tx, customer_ids)
    moved = [
        Moved(
            who,
            heads[CustomerId(who)].name if who in heads else "",
            isinstance(outcome, Membership) and outcome.is_changed,
            i18n.say(unit.locale, outcome) if isinstance(outcome, Refusal) else "",
        )
        for who, outcome in zip(customer_ids, outcomes, strict=True)
    ]
    summary = i18n.translate(unit.locale, flash, count=sum(each.is_changed for each in moved))
    is_in = flash == PUT_IN
    return pages.render(unit, "customers/moved.html", group=group, moved=moved, summary=summary, is_in=is_in, back=back)


HANDLERS: tuple[Any, ...] = (
    groups_page,
    add_group,
    group_page,
    rename_group,
    remove_group,
    add_members,
    remove_members,
)
