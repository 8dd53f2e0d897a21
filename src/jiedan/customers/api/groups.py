"""REST of groups of customers: add, rename, remove; who is in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put

from jiedan.base import paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service, values
from jiedan.customers.api import shapes

CUSTOMER = "0193a000-0000-7000-8000-000000000001"

CustomerIds = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=values.CUSTOMERS_PER_CALL_MAX)]


class GroupPatch(bodies.Body):
    """What a group is to be called."""

    __example__: ClassVar[dict[str, Any]] = {"name": "Wholesale"}

    name: bodies.Name


class GroupBody(GroupPatch, kw_only=True):
    """A group to add; its code never changes."""

    __example__: ClassVar[dict[str, Any]] = {"code": "vip", "name": "VIP"}

    code: shapes.GroupCode


class MembersBody(bodies.Body):
    """Customers who are to be put into a group, or taken out of it."""

    __example__: ClassVar[dict[str, Any]] = {"customer_ids": [CUSTOMER]}

    customer_ids: CustomerIds


class GroupsBody(bodies.Body):
    """The codes of all groups that a customer is to be in."""

    __example__: ClassVar[dict[str, Any]] = {"groups": ["wholesale"]}

    groups: Annotated[list[shapes.GroupCode], msgspec.Meta(max_length=values.GROUPS_MAX)]


class GroupView(msgspec.Struct, frozen=True):
    """A group of customers."""

    group_id: UUID
    code: str
    name: str
    created_at: datetime
    updated_at: datetime
    version: int


class CountedGroupView(GroupView, frozen=True, kw_only=True):
    """A group in the list of all, with how many are in it, counted up to 1,000."""

    members: int


class MembershipView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one customer of a call: is it in the group, did that change; or why nothing was done."""

    customer_id: UUID | None = None
    is_member: bool | None = None
    is_changed: bool | None = None
    problem: Problem | None = None


def _view(group: values.Group) -> GroupView:
    return GroupView(group.group_id, group.code, group.name, group.created_at, group.updated_at, group.version)


@get("/customer-groups", permission="customers:read", summary="List the groups of customers")
async def list_groups(unit: Unit) -> list[CountedGroupView]:
    """Return every group, by name."""
    async with unit.read() as tx:
        found = await queries.counted_groups(tx)
    return [CountedGroupView(**msgspec.structs.asdict(_view(group)), members=members) for group, members, _ in found]


@get("/customer-groups/{group_id:uuid}", permission="customers:read", summary="Get a group of customers")
async def get_group(unit: Unit, group_id: UUID) -> Response[GroupView]:
    """Return one group."""
    async with unit.read() as tx:
        group = await queries.group(tx, group_id)
    return answers.versioned(_view(group), group.version)


@post(
    "/customer-groups", permission="customers:write", idempotent=True, also=[404], summary="Create a group of customers"
)
async def create_group(unit: Unit, data: GroupBody) -> Response[GroupView]:
    """Add a group; its code is unique and never changes."""
    key = unit.idempotency_key
    group = await unit.write(lambda tx: service.create_group(tx, code=data.code, name=data.name, key=key))
    return answers.created(_view(group), f"/api/v1/customer-groups/{group.group_id}", version=group.version)


@patch(
    "/customer-groups/{group_id:uuid}",
    permission="customers:write",
    versioned=True,
    summary="Rename a group of customers",
)
async def rename_group(unit: Unit, group_id: UUID, data: GroupPatch) -> Response[GroupView]:
    """Call a group otherwise; with `If-Match` only if nobody has done so meanwhile."""
    group = await unit.write(
        lambda tx: service.rename_group(tx, group_id=group_id, name=data.name, expected_version=unit.if_match)
    )
    return answers.versioned(_view(group), group.version)


@delete(
    "/customer-groups/{group_id:uuid}",
    permission="customers:write",
    versioned=True,
    summary="Remove a group of customers",
)
async def remove_group(unit: Unit, group_id: UUID) -> None:
    """Remove a group that nobody is in."""
    await unit.write(lambda tx: service.remove_group(tx, group_id=group_id, expected_version=unit.if_match))


@get("/customer-groups/{group_id:uuid}/members", permission="customers:read", summary="List who is in a group")
async def list_members(
    unit: Unit, group_id: UUID, *, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[values.CustomerRow]]:
    """Return those who are in a group, newest customer first."""
    request = unit.page("customer-group-members", filters={"group_id": group_id}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.group(tx, group_id)
        page = await queries.member_rows(tx, group_id=group_id, request=request)
    return answers.listing(unit, page)


@post(
    "/customer-groups/{group_id:uuid}/members",
    permission="customers:write",
    status_code=200,
    summary="Put customers into a group",
)
async def add_members(unit: Unit, group_id: UUID, data: MembersBody) -> list[MembershipView]:
    """Put customers into a group; one outcome each, in order. Who is in it already stays."""
    ids = data.customer_ids
    outcomes = await unit.write(lambda tx: service.add_members(tx, group_id=group_id, customer_ids=ids))
    return _shown(unit, outcomes)


@post(
    "/customer-groups/{group_id:uuid}/members/removals",
    permission="customers:write",
    status_code=200,
    summary="Take customers out of a group",
)
async def remove_members(unit: Unit, group_id: UUID, data: MembersBody) -> list[MembershipView]:
    """Take customers out of a group; one outcome each, in order. Who is not in it stays out."""
    ids = data.customer_ids
    outcomes = await unit.write(lambda tx: service.remove_members(tx, group_id=group_id, customer_ids=ids))
    return _shown(unit, outcomes)


def _shown(unit: Unit, outcomes: Sequence[values.Membership | Refusal]) -> list[MembershipView]:
    return [
        MembershipView(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else MembershipView(*outcome)
        for outcome in outcomes
    ]


@put("/customers/{customer_id:uuid}/groups", permission="customers:write", summary="Set the groups of a customer")
async def set_groups(unit: Unit, customer_id: UUID, data: GroupsBody) -> Response[shapes.CustomerView]:
    """Let a customer be in exactly these groups."""
    await unit.write(lambda tx: service.set_groups(tx, customer_id=customer_id, codes=data.groups))
    return await shapes.shown(unit, customer_id)


HANDLERS = (
    list_groups,
    get_group,
    create_group,
    rename_group,
    remove_group,
    list_members,
    add_members,
    remove_members,
    set_groups,
)
