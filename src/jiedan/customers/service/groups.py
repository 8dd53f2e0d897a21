"""Groups of customers: add, rename, remove them; put customers in, take customers out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import queries as merchants
from jiedan.accounts import service as accounts
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.customers import errors, events, queries
from jiedan.customers.service import membership, telling
from jiedan.customers.values import (
    CUSTOMERS_PER_CALL_MAX,
    GROUPS_MAX,
    CustomerId,
    Group,
    GroupId,
    GroupName,
    Head,
    Membership,
)


async def create_group(tx: Tx, *, code: str, name: str, key: str | None = None) -> Group:
    """Add a group, once per `key`. Raises GroupCodeTaken, TooManyGroups or KeyReused."""
    wish = await once.subject(tx, operation="customers.create_group", key=key, body=(code, name))
    if not wish.is_fresh:
        return await queries.group(tx, wish.id)
    await merchants.lock_merchant(tx)  # groups go, so no row of their own is surely there to wait for
    if len(await queries.groups(tx)) >= GROUPS_MAX:
        raise errors.TooManyGroups(GROUPS_MAX)
    row = {"group_id": wish.id, "code": code, "name": name, "at": tx.now}
    if not await tx.sql(membership.SQL["insert_group"], **row):
        raise errors.GroupCodeTaken(code, field="code")
    tx.emit(events.GroupCreated(group_id=wish.id, code=code))
    return await queries.group(tx, wish.id)


async def rename_group(tx: Tx, *, group_id: UUID, name: str, expected_version: int | None = None) -> Group:
    """Call a group otherwise; the name it has is no change. Raises GroupNotFound or StaleVersion."""
    group = await queries.group_for_update(tx, group_id)
    await _check_version(tx, group, expected_version)
    if group.name == name:
        return group
    await tx.sql_count(membership.SQL["rename_group"], group_id=group_id, name=name, at=tx.now)
    told = events.GroupChanged(group_id=group_id, code=group.code, fields=("name",), version=group.version + 1)
    tx.emit(told, private={"name": [group.name, name]})
    return await queries.group(tx, group_id)


async def remove_group(tx: Tx, *, group_id: UUID, expected_version: int | None = None) -> None:
    """Remove a group that nobody is in. Raises GroupNotFound, StaleVersion or GroupNotEmpty."""
    group = await queries.group_for_update(tx, group_id)
    await _check_version(tx, group, expected_version)
    ((members,),) = await tx.sql(membership.SQL["count_members"], group_id=group_id)
    if members:
        raise errors.GroupNotEmpty(group.code, members)
    await tx.sql_count(membership.SQL["remove_group"], group_id=group_id)
    tx.emit(events.GroupRemoved(group_id=group_id, code=group.code))


async def _check_version(tx: Tx, group: Group, expected: int | None) -> None:
    await accounts.check_version(
        tx, subject_id=group.group_id, kind=events.GroupChanged.kind, current=group.version, expected=expected
    )


async def add_members(tx: Tx, *, group_id: UUID, customer_ids: Sequence[UUID]) -> list[Membership | Refusal]:
    """Put customers into a group; one outcome each, same order. Who is in it already stays. Three statements.

    Who was merged or erased is refused. Raises GroupNotFound, or TooMany above `CUSTOMERS_PER_CALL_MAX`.
    """
    asked = await _asked(tx, group_id, customer_ids)
    joined = await membership.join(tx, asked.pairs())
    return asked.outcomes(joined, is_member=True)


async def remove_members(tx: Tx, *, group_id: UUID, customer_ids: Sequence[UUID]) -> list[Membership | Refusal]:
    """Take customers out of a group; one outcome each, same order. Who is not in it stays out. Three statements.

    Raises GroupNotFound, or TooMany above `CUSTOMERS_PER_CALL_MAX`.
    """
    asked = await _asked(tx, group_id, customer_ids)
    left = await membership.leave(tx, asked.pairs())
    return asked.outcomes(left, is_member=False)


class _Asked(NamedTuple):
    """Customers whose place in a group is to change, locked, and the group, held."""

    group: GroupName
    customer_ids: Sequence[UUID]
    heads: Mapping[CustomerId, Head]

    def refusal(self, place: int) -> Refusal | None:
        """Return why nothing can be done with the customer at this place of the call."""
        customer_id = self.customer_ids[place]
        refusal = telling.not_living(self.heads.get(CustomerId(customer_id)), customer_id)
        if refusal is not None:
            refusal.field = f"customer_ids[{place}]"
        return refusal

    def pairs(self) -> list[membership.Pair]:
        """Return the group with each customer who can be in it."""
        living = [who for place, who in enumerate(self.customer_ids) if self.refusal(place) is None]
        return [(self.group, who) for who in living]

    def outcomes(self, changed: set[membership.Pair], *, is_member: bool) -> list[Membership | Refusal]:
        """Return what became of each place; a customer who stands there twice was changed the first time."""
        fresh = {who for _, who in changed}
        made: list[Membership | Refusal] = []
        for place, who in enumerate(self.customer_ids):
            made.append(self.refusal(place) or Membership(CustomerId(who), is_member, who in fresh))
            fresh.discard(who)
        return made


async def _asked(tx: Tx, group_id: UUID, customer_ids: Sequence[UUID]) -> _Asked:
    if len(customer_ids) > CUSTOMERS_PER_CALL_MAX:
        raise errors.TooMany("customers", CUSTOMERS_PER_CALL_MAX, field="customer_ids")
    held = await queries.groups_held(tx, group_ids=[group_id])
    if not held:
        raise errors.GroupNotFound(str(group_id))
    return _Asked(held[GroupId(group_id)], customer_ids, await queries.heads_for_update(tx, customer_ids))


async def set_groups(tx: Tx, *, customer_id: UUID, codes: Sequence[str]) -> None:
    """Let a customer be in exactly the groups of these codes; what is already so is no change.

    Raises CustomerNotFound, CustomerMerged, CustomerErased, or Rejections naming each code that no group has.
    """
    held = await membership.held(tx, codes)
    if unknown := [(i, code) for i, code in enumerate(codes) if code not in held]:
        raise Rejections(tuple(errors.UnknownGroup(code, field=f"groups[{i}]") for i, code in unknown))
    await telling.living(tx, customer_id)
    wanted = set(held.values())
    present = set((await tx.load_one(queries.groups_of([customer_id]))).get(customer_id, []))
    await membership.join(tx, [(group, customer_id) for group in wanted - present])
    await membership.leave(tx, [(group, customer_id) for group in present - wanted])
