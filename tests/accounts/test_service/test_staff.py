"""Merchants, settings, roles and staff, on PostgreSQL."""

import asyncio
import dataclasses
from uuid import UUID

import babel.numbers
import pytest

from jiedan.accounts import errors, events, queries, rules, service, values
from jiedan.accounts.values import ALL_PERMISSIONS, NewMerchant, NewStaff
from jiedan.base import directory, i18n, money
from jiedan.base import errors as base_errors
from jiedan.base.db import Database, Scope
from jiedan.base.events import Actor
from jiedan.base.numbers import PatternInvalid
from tests.accounts import factories
from tests.conftest import FakeClock

EDITOR = values.ROLES["manager"].permissions | {"staff:write"}
"""Somebody who manages staff, but is no owner: lacks apikeys:write."""


async def test_a_merchant_is_opened_with_settings_roles_and_owner(db: Database) -> None:
    at = await factories.opened(db)
    assert await directory.tenant_by_slug(db, at.slug) == at.tenant
    async with db.read(at.scope) as tx:
        settings = await tx.load_one(queries.settings())
        roles = await queries.roles(tx)
        (owner,) = await queries.staff(tx)
    assert settings == dataclasses.replace(
        factories.settings(at.tenant), slug=at.slug, locale="en", locales=("en", "zh_Hans", "zh_Hant")
    )
    assert {role.code: role.permissions for role in roles} == {c: t.permissions for c, t in values.ROLES.items()}
    assert (owner.staff_id, owner.role.code, owner.has_password) == (at.owner_id, "owner", True)


async def test_two_merchants_do_not_share_a_slug(db: Database) -> None:
    at = await factories.opened(db)
    with pytest.raises(errors.SlugTaken) as refused:
        await factories.opened(db, slug=at.slug)
    assert refused.value.field == "slug"


async def test_a_merchant_without_an_owners_password_gets_a_link(db: Database) -> None:
    new = NewMerchant(f"t{db.uuids.new(db.clock.now()).hex[:20]}", "Tea", "CN", "Asia/Shanghai", "CNY")
    made = await service.open_merchant(db, merchant=new, owner=NewStaff("li@example.com", "Li Na"))
    assert made.link is not None
    async with db.read(Scope(made.tenant_id)) as tx:
        (invitation,) = await queries.invitations(tx)
    assert (invitation.staff_id, invitation.role) == (made.owner_id, "owner")


async def test_opening_names_everything_that_is_wrong(db: Database) -> None:
    new = NewMerchant("Bad Slug", "", "XX", "Nowhere", "CNY", order_number_pattern="SO-{nonsense}")
    with pytest.raises(base_errors.Rejections) as refused:
        await service.open_merchant(db, merchant=new, owner=NewStaff("nobody", "Li Na", locale="tlh"))
    fields = {reason.field for reason in refused.value.reasons}
    assert fields == {"slug", "name", "country", "time_zone", "owner.email", "owner.locale", "order_number_pattern"}


async def test_settings_are_edited_with_a_version_and_a_diff(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        after = await service.change_settings(tx, changes={"backorder": True, "name": "Tea"}, expected_version=1)
        (emitted,) = tx._emitted
    assert (after.version, after.backorder, after.name) == (2, True, "Tea")
    assert emitted.event == events.MerchantChanged(merchant_id=at.tenant, version=2, fields=("backorder", "name"))
    assert emitted.private == {
        "before": {"name": "Acme Tea", "backorder": False},
        "after": {"name": "Tea", "backorder": True},
    }


async def test_an_edit_that_changes_nothing_is_no_edit(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        after = await service.change_settings(tx, changes={"name": "Acme Tea"})
        assert (after.version, tx._emitted) == (1, [])


async def test_a_stale_edit_says_who_changed_what(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        await service.change_settings(tx, changes={"backorder": True}, expected_version=1)
    async with db.begin(at.scope) as tx:
        with pytest.raises(base_errors.StaleVersion) as refused:
            await service.change_settings(tx, changes={"name": "Tea"}, expected_version=1)
    assert (refused.value.changed_by, refused.value.changed, refused.value.current) == ("Wang Min", "backorder", 2)


async def test_a_wrong_pattern_is_refused_by_field(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        with pytest.raises(PatternInvalid) as refused:
            await service.change_settings(tx, changes={"order_number_pattern": "SO"})
    assert refused.value.field == "order_number_pattern"


async def test_a_merchant_moves_to_another_slug(db: Database) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    with pytest.raises(errors.SlugTaken):
        async with db.begin(at.scope) as tx:
            await service.change_settings(tx, changes={"slug": other.slug})
    assert await directory.tenant_by_slug(db, at.slug) == at.tenant
    async with db.begin(at.scope) as tx:
        await service.change_settings(tx, changes={"slug": f"{at.slug}-2"})
    assert await directory.tenant_by_slug(db, at.slug) is None
    assert await directory.tenant_by_slug(db, f"{at.slug}-2") == at.tenant


async def test_a_role_is_added_edited_and_removed(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        role = await service.create_role(
            tx, code="packer", name="Packer", permissions=["orders:read"], held=ALL_PERMISSIONS
        )
    async with db.begin(at.scope) as tx:
        changed = await service.change_role(
            tx, role_id=role.role_id, permissions=["inventory:read"], held=ALL_PERMISSIONS, expected_version=1
        )
        event = tx._emitted[0].event
    assert changed.permissions == {"inventory:read"}
    assert isinstance(event, events.RoleChanged)
    assert (event.granted, event.withdrawn) == (("inventory:read",), ("orders:read",))
    async with db.begin(at.scope) as tx:
        await service.remove_role(tx, role_id=role.role_id, held=ALL_PERMISSIONS)
    async with db.read(at.scope) as tx:
        with pytest.raises(errors.RoleNotFound):
            await queries.role(tx, role.role_id)


async def test_the_owners_role_is_fixed(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        owner = next(role for role in await queries.roles(tx) if role.code == "owner")
        with pytest.raises(errors.OwnerRoleFixed):
            await service.change_role(tx, role_id=owner.role_id, permissions=["orders:read"], held=ALL_PERMISSIONS)
        with pytest.raises(errors.OwnerRoleFixed):
            await service.remove_role(tx, role_id=owner.role_id, held=ALL_PERMISSIONS)


async def test_a_role_that_somebody_has_stays(db: Database) -> None:
    at = await factories.opened(db)
    await factories.person(db, at, "sales")
    async with db.begin(at.scope) as tx:
        sales = next(role for role in await queries.roles(tx) if role.code == "sales")
        with pytest.raises(errors.RoleInUse) as refused:
            await service.remove_role(tx, role_id=sales.role_id, held=ALL_PERMISSIONS)
    assert refused.value.count == 1


async def test_nobody_grants_or_edits_beyond_themselves(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.PermissionNotHeld):
            await service.create_role(tx, code="boss", name="Boss", permissions=["apikeys:write"], held=EDITOR)
        boss = await service.create_role(
            tx, code="boss", name="Boss", permissions=["apikeys:write"], held=ALL_PERMISSIONS
        )
        with pytest.raises(errors.PermissionNotHeld):
            await service.change_role(tx, role_id=boss.role_id, permissions=["orders:read"], held=EDITOR)
        with pytest.raises(errors.PermissionNotHeld):
            await service.invite_staff(tx, staff=NewStaff("x@y.cn", "X", "boss"), held=EDITOR)
        with pytest.raises(errors.PermissionNotHeld):
            await service.change_staff(tx, staff_id=at.owner_id, changes={"is_active": False}, held=EDITOR)
        with pytest.raises(errors.PermissionNotHeld):
            await service.reset_password(tx, staff_id=at.owner_id, held=EDITOR)


async def test_the_last_owner_who_can_sign_in_stays(db: Database) -> None:
    at = await factories.opened(db)
    await factories.person(db, at, "owner", email="second@example.com", has_joined=False)
    for changes in ({"is_active": False}, {"role": "sales"}):
        async with db.begin(at.scope) as tx:
            with pytest.raises(errors.LastOwner):
                await service.change_staff(tx, staff_id=at.owner_id, changes=changes, held=ALL_PERMISSIONS)


async def test_two_owners_do_not_remove_each_other_at_once(db: Database) -> None:
    at = await factories.opened(db)
    second = await factories.person(db, at, "owner", email="second@example.com")

    async def remove(staff_id: UUID) -> object:
        try:
            async with db.begin(at.scope) as tx:
                return await service.change_staff(
                    tx, staff_id=staff_id, changes={"is_active": False}, held=ALL_PERMISSIONS
                )
        except errors.LastOwner as refusal:
            return refusal

    outcomes = await asyncio.gather(remove(at.owner_id), remove(second))
    assert sum(isinstance(outcome, errors.LastOwner) for outcome in outcomes) == 1
    async with db.read(at.scope) as tx:
        assert len(await queries.owners(tx)) == 1


async def test_an_email_address_belongs_to_one_person(db: Database) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.EmailTaken):
            await service.invite_staff(tx, staff=NewStaff(at.owner_email.upper(), "X"), held=ALL_PERMISSIONS)
        with pytest.raises(errors.EmailTaken):
            await service.change_staff(
                tx, staff_id=sales, changes={"email": at.owner_email.upper()}, held=ALL_PERMISSIONS
            )


async def test_two_invitations_of_one_address_at_once_are_one_person(db: Database) -> None:
    at = await factories.opened(db)

    async def invite() -> UUID:
        async with db.begin(at.scope) as tx:
            link = await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li"), held=ALL_PERMISSIONS)
        return link.staff_id

    assert len(set(await asyncio.gather(invite(), invite(), invite()))) == 1


async def test_inviting_again_ends_the_first_link(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    staff = NewStaff("li@example.com", "Li Na", "sales")
    async with db.begin(at.scope) as tx:
        first = await service.invite_staff(tx, staff=staff, held=ALL_PERMISSIONS)
        second = await service.invite_staff(
            tx, staff=dataclasses.replace(staff, role="warehouse"), held=ALL_PERMISSIONS
        )
    with pytest.raises(errors.LinkNotValid):
        await factories.accept(db, passwords, at, first.credential)
    signed_in = await factories.accept(db, passwords, at, second.credential)
    assert signed_in.staff_id == first.staff_id == second.staff_id
    async with db.read(at.scope) as tx:
        person = await queries.person(tx, first.staff_id)
    assert (person.role.code, person.has_password) == ("warehouse", True)


async def test_a_link_works_once_and_for_its_time(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
        late = await service.invite_staff(tx, staff=NewStaff("he@example.com", "He"), held=ALL_PERMISSIONS)
    results = await asyncio.gather(
        factories.accept(db, passwords, at, link.credential),
        factories.accept(db, passwords, at, link.credential),
        return_exceptions=True,
    )
    assert sum(isinstance(result, errors.LinkNotValid) for result in results) == 1
    clock.advance(rules.INVITATION_LIFE)
    with pytest.raises(errors.LinkNotValid):
        await factories.accept(db, passwords, at, late.credential)


async def test_a_link_is_of_no_use_at_another_merchant(db: Database, passwords: service.Passwords) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
    with pytest.raises(errors.LinkNotValid):
        await factories.accept(db, passwords, other, link.credential)


async def test_a_weak_password_leaves_the_link_usable(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
    with pytest.raises(errors.PasswordTooShort):
        await factories.accept(db, passwords, at, link.credential, password="short")
    assert (await factories.accept(db, passwords, at, link.credential)).staff_id == link.staff_id


async def test_a_revoked_invitation_ends_and_can_be_made_again(db: Database) -> None:
    at = await factories.opened(db)
    staff = NewStaff("li@example.com", "Li Na")
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(tx, staff=staff, held=ALL_PERMISSIONS)
        await service.revoke_invitation(tx, staff_id=link.staff_id, held=ALL_PERMISSIONS)
        assert await queries.invitations(tx) == []
    async with db.begin(at.scope) as tx:
        await service.revoke_invitation(tx, staff_id=link.staff_id, held=ALL_PERMISSIONS)
    async with db.begin(at.scope) as tx:
        assert await factories.events_told(tx, events.InvitationRevoked.kind) == 1, "done twice it is told once"
        with pytest.raises(errors.AlreadyJoined):
            await service.revoke_invitation(tx, staff_id=at.owner_id, held=ALL_PERMISSIONS)
        again = await service.invite_staff(tx, staff=staff, held=ALL_PERMISSIONS)
        assert (await queries.person(tx, again.staff_id)).is_active


async def test_another_role_signs_a_person_out(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    await factories.sign_in(db, passwords, at, f"sales@{at.slug}.example")
    async with db.begin(at.scope) as tx:
        assert len(await queries.sessions(tx, staff_id=sales)) == 1
        await service.change_staff(tx, staff_id=sales, changes={"name": "Renamed"}, held=ALL_PERMISSIONS)
        assert len(await queries.sessions(tx, staff_id=sales)) == 1
        await service.change_staff(tx, staff_id=sales, changes={"role": "manager"}, held=ALL_PERMISSIONS)
        assert await queries.sessions(tx, staff_id=sales) == []


async def test_events_hold_no_personal_data(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(tx, staff=NewStaff("li.na@example.com", "Li Na"), held=ALL_PERMISSIONS)
        await service.change_staff(
            tx, staff_id=link.staff_id, changes={"name": "Li Nana", "email": "nana@example.com"}, held=ALL_PERMISSIONS
        )
        told = "".join(repr(item.event) for item in tx._emitted)
        private = [item.private for item in tx._emitted]
    assert "example.com" not in told
    assert "Li" not in told
    assert private[0] == {"name": "Li Na", "email": "li.na@example.com"}
    assert private[1] is not None
    assert private[1]["after"] == {"email": "nana@example.com", "name": "Li Nana"}


async def test_names_of_actors_are_read_in_one_statement(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        made = await service.create_api_key(tx, name="Shop", permissions=["orders:read"], held=ALL_PERMISSIONS)
    from_key = Actor("api_key", str(made.api_key.api_key_id))
    from_staff = Actor("staff", str(at.owner_id))
    async with db.read(at.scope) as tx:
        names = await tx.load_one(queries.actor_names([from_key, from_staff, Actor("system", "jiedan")]))
    assert list(names.values()) == ["Shop", "Wang Min", "jiedan"]


async def test_whoever_is_invited_again_otherwise_was_edited(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        first = await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li"), held=ALL_PERMISSIONS)
        await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li"), held=ALL_PERMISSIONS)
        assert (await queries.person(tx, first.staff_id)).version == 1
        await service.revoke_invitation(tx, staff_id=first.staff_id, held=ALL_PERMISSIONS)
        await service.revoke_invitation(tx, staff_id=first.staff_id, held=ALL_PERMISSIONS)
        await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
        assert (await queries.person(tx, first.staff_id)).version == 3
    async with db.begin(at.scope) as tx:
        with pytest.raises(base_errors.StaleVersion) as stale:
            await service.change_staff(
                tx, staff_id=first.staff_id, changes={"name": "Na"}, held=ALL_PERMISSIONS, expected_version=1
            )
    assert stale.value.data()["changed"] == "is_active, name"


async def test_a_merchant_accepts_a_bounded_number_of_currencies(db: Database) -> None:
    at = await factories.opened(db)
    codes = tuple(code for code in sorted(babel.numbers.list_currencies()) if money.is_currency(code))
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.CurrenciesTooMany) as refused:
            await service.change_settings(tx, changes={"currency": codes[0], "currencies": codes})
    assert (refused.value.field, refused.value.limit) == ("currencies", 20)


async def test_a_permission_that_is_lacking_is_named_in_words(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.PermissionNotHeld) as refused:
            await service.create_role(
                tx, code="packer", name="Packer", permissions=["orders:read", "orders:hold"], held=frozenset()
            )
    assert refused.value.data()["permissions"] == "orders:hold, orders:read"
    assert i18n.say_message("en", refused.value).endswith("Put orders on hold, See orders.")
