"""Who holds a secret: API keys and sessions, within their scope, for their time, until revoked."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jiedan.accounts import errors, queries, rules, service, values
from jiedan.accounts.values import ALL_PERMISSIONS, ApiKeyId, NewApiKey, StaffId
from jiedan.base.db import Database, Scope
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.settings import Settings
from jiedan.base.web import auth
from jiedan.base.web.principals import Principal
from tests.accounts import factories
from tests.accounts.factories import Opened
from tests.conftest import FakeClock


@pytest.fixture
def runtime(db: Database) -> Runtime:
    settings = Settings(home=Path("/nonexistent"), secret="x" * 40, testing=True)  # type: ignore[arg-type]  # pydantic reads texts
    return Runtime(settings, db, db.clock)


async def make_key(db: Database, at: Opened, *permissions: str, by: StaffId | None = None, days: int = 0) -> NewApiKey:
    scope = at.scope if by is None else Scope(at.tenant, Actor("staff", str(by)))
    async with db.begin(scope) as tx:
        return await service.create_api_key(
            tx,
            name="Shop",
            permissions=permissions or ("orders:read",),
            held=ALL_PERMISSIONS,
            expires_at=tx.now + timedelta(days=days) if days else None,
        )


async def known(runtime: Runtime, credential: str) -> Principal | None:
    parsed = auth.parse_api_key(credential)
    assert parsed is not None
    return await service.ApiKeyAuthenticator().authenticate(runtime, parsed.tenant, parsed.secret)


async def seen(runtime: Runtime, credential: str) -> Principal | None:
    parsed = auth.parse_session(credential)
    assert parsed is not None
    return await service.SessionAuthenticator().authenticate(runtime, parsed.tenant, parsed.secret)


async def revoke(db: Database, at: Opened, api_key_id: UUID) -> None:
    async with db.begin(at.scope) as tx:
        await service.revoke_api_key(tx, api_key_id=api_key_id)


async def test_an_api_key_is_known_with_its_scope(db: Database, runtime: Runtime) -> None:
    at = await factories.opened(db)
    made = await make_key(db, at, "orders:read", "orders:write")
    principal = await known(runtime, made.credential)
    assert principal is not None
    assert made.credential.startswith(f"jd_{at.tenant.hex}_")
    assert principal.permissions == {"orders:read", "orders:write", values.SELF}
    assert principal.actor == Actor("api_key", str(made.api_key.api_key_id))
    assert (principal.tenant, principal.slug, principal.merchant) == (at.tenant, at.slug, "Acme Tea")
    assert (principal.time_zone, principal.currency) == ("Asia/Shanghai", "CNY")
    assert principal.credential_id == made.api_key.api_key_id


async def test_a_secret_is_worth_nothing_at_another_merchant(db: Database, runtime: Runtime) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    made = await make_key(db, at)
    secret = made.credential.split("_", 2)[2]
    keys = service.ApiKeyAuthenticator()
    assert await keys.authenticate(runtime, other.tenant, secret) is None
    assert await keys.authenticate(runtime, TenantId(UUID(int=1)), secret) is None
    assert await keys.authenticate(runtime, at.tenant, secret + "x") is None


async def test_an_api_key_expires(db: Database, runtime: Runtime, clock: FakeClock) -> None:
    at = await factories.opened(db)
    made = await make_key(db, at, days=1)
    assert await known(runtime, made.credential)
    clock.advance(timedelta(days=1))
    assert await known(runtime, made.credential) is None


async def test_a_revoked_key_is_believed_for_a_minute_at_most(db: Database, runtime: Runtime) -> None:
    at = await factories.opened(db)
    made = await make_key(db, at)
    authentication = auth.Authentication(runtime, (service.ApiKeyAuthenticator(),))
    parsed = auth.parse_api_key(made.credential)
    assert parsed is not None
    assert await authentication.authenticate(parsed, made.credential, at_s=0.0)
    await revoke(db, at, made.api_key.api_key_id)
    assert authentication.remembered(made.credential, at_s=auth.PRINCIPAL_TTL_S - 1) is not None
    assert authentication.remembered(made.credential, at_s=auth.PRINCIPAL_TTL_S + 1) is None
    assert await authentication.authenticate(parsed, made.credential, at_s=auth.PRINCIPAL_TTL_S + 1) is None


async def test_a_key_is_not_believed_beyond_its_own_end(db: Database, runtime: Runtime, clock: FakeClock) -> None:
    at = await factories.opened(db)
    made = await make_key(db, at, days=1)
    clock.advance(timedelta(days=1) - timedelta(seconds=10))
    authentication = auth.Authentication(runtime, (service.ApiKeyAuthenticator(),))
    parsed = auth.parse_api_key(made.credential)
    assert parsed is not None
    assert await authentication.authenticate(parsed, made.credential, at_s=0.0)
    assert authentication.remembered(made.credential, at_s=9) is not None
    assert authentication.remembered(made.credential, at_s=11) is None


async def test_a_session_says_when_it_ends_unless_it_is_used(
    db: Database, runtime: Runtime, clock: FakeClock, passwords: service.Passwords
) -> None:
    at = await factories.opened(db)
    session = await factories.sign_in(db, passwords, at)
    parsed = auth.parse_session(session.credential)
    assert parsed is not None
    sessions = service.SessionAuthenticator()
    first = await sessions.authenticate(runtime, parsed.tenant, parsed.secret)
    clock.advance(rules.SESSION_IDLE - timedelta(seconds=10))
    late = await sessions.authenticate(runtime, parsed.tenant, parsed.secret)
    assert first is not None
    assert first.expires_at is not None
    assert late is not None
    assert late.expires_at is not None
    assert timedelta(0) < first.expires_at - clock.now() < timedelta(seconds=11)
    assert late.expires_at - clock.now() > rules.SESSION_IDLE - timedelta(seconds=1)


async def test_a_batch_sees_at_once_which_credentials_are_alive(db: Database, passwords: service.Passwords) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    kept, gone = await make_key(db, at), await make_key(db, at)
    theirs, foreign = await make_key(db, at, by=sales), await make_key(db, other)
    session = await factories.sign_in(db, passwords, at)
    await revoke(db, at, gone.api_key.api_key_id)
    keys = [key.api_key.api_key_id for key in (kept, gone, theirs, foreign)]
    async with db.begin(at.scope) as tx:
        before = await tx.load_one(queries.credentials_alive([*keys, session.session_id]))
        await service.change_staff(tx, staff_id=sales, changes={"is_active": False}, held=ALL_PERMISSIONS)
        after = await tx.load_one(queries.credentials_alive([*keys, session.session_id]))
    assert before == {keys[0], keys[2], session.session_id}
    assert after == {keys[0], session.session_id}


async def test_a_key_never_does_more_than_its_maker_may_now(db: Database, runtime: Runtime) -> None:
    at = await factories.opened(db)
    manager = await factories.person(db, at, "manager")
    made = await make_key(db, at, "orders:read", "payments:refund", by=manager)
    async with db.begin(at.scope) as tx:
        await service.change_staff(tx, staff_id=manager, changes={"role": "sales"}, held=ALL_PERMISSIONS)
    principal = await known(runtime, made.credential)
    assert principal is not None
    assert principal.permissions == {"orders:read", values.SELF}
    async with db.begin(at.scope) as tx:
        await service.change_staff(tx, staff_id=manager, changes={"is_active": False}, held=ALL_PERMISSIONS)
    assert await known(runtime, made.credential) is None


async def test_a_key_made_with_a_key_belongs_to_the_same_person(db: Database) -> None:
    at = await factories.opened(db)
    parent = (await make_key(db, at, "apikeys:write", days=1)).api_key
    async with db.begin(Scope(at.tenant, Actor("api_key", str(parent.api_key_id)))) as tx:
        child = await service.create_api_key(tx, name="Child", permissions=["apikeys:write"], held=parent.permissions)
    assert (child.api_key.created_by, child.api_key.expires_at) == (at.owner_id, parent.expires_at)


async def test_the_scope_of_a_key_is_inside_its_makers(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.PermissionNotHeld):
            await service.create_api_key(tx, name="K", permissions=["staff:write"], held=frozenset({"orders:read"}))
        with pytest.raises(errors.PermissionUnknown):
            await service.create_api_key(tx, name="K", permissions=["account:self"], held=ALL_PERMISSIONS)
        with pytest.raises(errors.ScopeEmpty):
            await service.create_api_key(tx, name="K", permissions=[], held=ALL_PERMISSIONS)
        with pytest.raises(errors.ExpiryPast):
            await service.create_api_key(
                tx, name="K", permissions=["orders:read"], held=ALL_PERMISSIONS, expires_at=tx.now
            )


async def test_revoking_twice_is_revoking_once(db: Database) -> None:
    at = await factories.opened(db)
    made = await make_key(db, at)
    async with db.begin(at.scope) as tx:
        first = await service.revoke_api_key(tx, api_key_id=made.api_key.api_key_id)
        second = await service.revoke_api_key(tx, api_key_id=made.api_key.api_key_id)
        assert len(tx._emitted) == 1
        with pytest.raises(errors.ApiKeyNotFound):
            await service.revoke_api_key(tx, api_key_id=ApiKeyId(UUID(int=1)))
    assert first == second
    assert first.revoked_at is not None


async def test_last_use_is_written_once_an_hour(db: Database, runtime: Runtime, clock: FakeClock) -> None:
    at = await factories.opened(db)
    made = await make_key(db, at)

    async def last_used() -> object:
        async with db.read(at.scope) as tx:
            return (await queries.api_key(tx, made.api_key.api_key_id)).last_used_at

    await known(runtime, made.credential)
    first = await last_used()
    clock.advance(rules.API_KEY_USED_EVERY / 2)
    await known(runtime, made.credential)
    assert first is not None
    assert await last_used() == first
    clock.advance(rules.API_KEY_USED_EVERY)
    await known(runtime, made.credential)
    assert await last_used() != first


async def test_a_session_ends_when_idle_and_when_old(
    db: Database, runtime: Runtime, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    idle = await factories.sign_in(db, passwords, at)
    clock.advance(rules.SESSION_IDLE)
    assert await seen(runtime, idle.credential) is None
    busy = await factories.sign_in(db, passwords, at)
    for _ in range(int(rules.SESSION_ABSOLUTE / (rules.SESSION_IDLE / 2)) - 1):
        clock.advance(rules.SESSION_IDLE / 2)
        assert await seen(runtime, busy.credential)
    clock.advance(rules.SESSION_IDLE / 2)
    assert await seen(runtime, busy.credential) is None


async def test_a_session_is_known_with_its_role(db: Database, runtime: Runtime, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    signed_in = await factories.sign_in(db, passwords, at, f"sales@{at.slug}.example")
    principal = await seen(runtime, signed_in.credential)
    assert principal is not None
    assert principal.permissions == values.ROLES["sales"].permissions | {values.SELF}
    assert (principal.actor, principal.name) == (Actor("staff", str(sales)), "Sales")
    async with db.begin(at.scope) as tx:
        await service.sign_out(tx, secret=signed_in.credential.partition(".")[2])
    assert await seen(runtime, signed_in.credential) is None
