"""Operations of staff on their own access: passwords, one-time links, second steps, passkeys; the grid of roles.

`clerk` has a link to choose a new password, and an app that was never confirmed; `keeper` signs in in two steps.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp

from jiedan.accounts import queries
from jiedan.accounts import service as accounts
from jiedan.accounts.service import Passwords, ceremonies, factors, sessions
from jiedan.accounts.values import ALL_PERMISSIONS, Grant, NewStaff, RoleId, StaffId, Visitor
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.base.sealing import Place, Sealer
from tests.accounts.authenticator import LOCAL, Device
from tests.accounts.factories import NOBODYS, PASSWORD
from tests.interleavings.on_accounts import HASHER, with_passwords
from tests.interleavings.operation import Operation, Task, call, task, use_case

VISITOR = Visitor("192.0.2.8", "Firefox")
CLERK, KEEPER = "clerk@example.com", "keeper@example.com"
OTHER_PASSWORD = "twelve green umbrellas"
NEXT = timedelta(seconds=30)
"""A code of this much later is right already, and was not taken yet."""


class StageSealer(Sealer):
    """Seals whatever merchant's secrets alike, so that what was sealed on the stage opens at its copies."""

    def seal(self, plain: bytes, *, place: Place) -> bytes:
        """Seal."""
        return super().seal(plain, place=place._replace(tenant=NOBODYS))

    def open(self, sealed: bytes, *, place: Place) -> bytes:
        """Open."""
        return super().open(sealed, place=place._replace(tenant=NOBODYS))


SEALER = StageSealer("a secret of the stage that seals what it seals")
DEVICE, NEW_DEVICE = Device(LOCAL.origin, b"the keeper's device"), Device(LOCAL.origin, b"another device of theirs")


async def furnish(db: Database, scope: Scope, ids: dict[str, str]) -> None:
    """Let the clerk and the keeper come."""
    for name, email in (("clerk", CLERK), ("keeper", KEEPER)):
        async with db.begin(scope) as tx:
            invited = NewStaff(email=email, name=name.title(), role="helper")
            link = await accounts.invite_staff(tx, staff=invited, held=ALL_PERMISSIONS)
            await accounts.set_password(tx, staff_id=link.staff_id, password_hash=HASHER.hash(PASSWORD))
            begun = await sessions.begin(tx, staff_id=link.staff_id, visitor=VISITOR)
            app = pyotp.TOTP((await accounts.begin_second_factor(tx, SEALER, staff_id=link.staff_id)).secret)
            ids |= {name: str(link.staff_id), f"{name} session": str(begun.session_id)}
            ids |= {f"{name} secret": begun.credential.split(".")[1], f"{name} code": app.at(tx.now)}
    keeper = StaffId(UUID(ids["keeper"]))
    async with db.begin(scope) as tx:
        spare, *_ = await accounts.confirm_second_factor(tx, SEALER, staff_id=keeper, code=ids["keeper code"])
        ids |= {"spare code": spare, "keeper code": app.at(tx.now + NEXT)}
        password_hash = HASHER.hash(PASSWORD)
        ids["keeper token"] = factors.pending(
            tx.tenant, SEALER, staff_id=keeper, password_hash=password_hash, now=tx.now
        )
        ids["passkey"] = str((await _add(tx, ids, DEVICE, "Phone")).passkey_id)
    async with db.begin(scope) as tx:
        clerk = UUID(ids["clerk"])
        ids["clerk link"] = (await accounts.reset_password(tx, staff_id=clerk, held=ALL_PERMISSIONS)).credential


async def _add(tx: Tx, ids: Mapping[str, str], device: Device, name: str) -> Any:
    keeper = StaffId(UUID(ids["keeper"]))
    person = await queries.person(tx, keeper)
    asked = ceremonies.ask_to_make(SEALER, LOCAL, tenant=NOBODYS, person=person, known=[], now=tx.now)
    answer = device.make(asked.options)
    return await accounts.add_passkey(
        tx, SEALER, staff_id=keeper, name=name, token=asked.token, answer=answer, party=LOCAL
    )


def _signs_in(email: str, password: str) -> Task:
    async def sign_in(database: Database, passwords: Passwords, tenant: TenantId, ids: Mapping[str, str]) -> None:
        await accounts.sign_in(
            database,
            passwords,
            tenant=tenant,
            email=email,
            password=password,
            visitor=VISITOR,
            sealer=SEALER,
            replaced=ids["clerk secret"],
        )

    return with_passwords(sign_in)


def _signs_in_by(code: str) -> Task:
    async def sign_in(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
        token, given = ids["keeper token"], ids[code]
        await accounts.sign_in_by_code(database, tenant=tenant, token=token, code=given, visitor=VISITOR, sealer=SEALER)

    return sign_in


async def _sign_in_by_passkey(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    asked = accounts.ask_to_prove(SEALER, LOCAL, now=database.clock.now())
    device = Device(DEVICE.origin, DEVICE.credential_id, uses=1, key=DEVICE.key)
    device.handle = tenant.bytes + UUID(ids["keeper"]).bytes
    answer = device.prove(asked.options)
    await accounts.sign_in_by_passkey(
        database, token=asked.token, answer=answer, party=LOCAL, sealer=SEALER, visitor=VISITOR
    )


async def _accept(database: Database, passwords: Passwords, tenant: TenantId, ids: Mapping[str, str]) -> None:
    password = f"{OTHER_PASSWORD} {ids['side']}"
    secret = ids["clerk link"]
    await accounts.accept_link(database, passwords, tenant=tenant, secret=secret, password=password, visitor=VISITOR)


async def _change_password(database: Database, passwords: Passwords, tenant: TenantId, ids: Mapping[str, str]) -> None:
    await accounts.change_password(
        database,
        passwords,
        tenant=tenant,
        staff_id=StaffId(UUID(ids["clerk"])),
        present=PASSWORD,
        password=f"{OTHER_PASSWORD} {ids['side']}",
        visitor=VISITOR,
    )


async def _forget(database: Database, tenant: TenantId, _ids: Any) -> None:
    await accounts.request_reset(database, tenant=tenant, email=CLERK, visitor=VISITOR)


async def _remove_step(tx: Tx, ids: Any) -> None:
    keeper = StaffId(UUID(ids["keeper"]))
    await accounts.check_second_factor(tx, SEALER, staff_id=keeper, code=ids["keeper code"])
    await accounts.remove_second_factor(tx, staff_id=keeper)


def _begins_step(person: str) -> Callable[[Tx, Any], Awaitable[None]]:
    async def begin(tx: Tx, ids: Any) -> None:
        await accounts.begin_second_factor(tx, SEALER, staff_id=StaffId(UUID(ids[person])))

    return begin


async def _confirm_step(tx: Tx, ids: Any) -> None:
    await accounts.confirm_second_factor(tx, SEALER, staff_id=StaffId(UUID(ids["clerk"])), code=ids["clerk code"])


def _ends(session: str, person: str) -> Callable[[Tx, Any], Awaitable[None]]:
    async def end(tx: Tx, ids: Any) -> None:
        await accounts.revoke_session(tx, staff_id=StaffId(UUID(ids[person])), session_id=UUID(ids[session]))

    return end


def _allows(*permissions: str) -> Callable[[Tx, Any], Awaitable[Any]]:
    """Return the use case of the grid of roles: what a role was refused takes everything back."""

    async def allow(tx: Tx, ids: Any) -> None:
        grant = Grant(RoleId(UUID(ids["role"])), frozenset(permissions), 1)
        outcomes = await accounts.set_permissions(tx, grants=[grant], held=ALL_PERMISSIONS)
        for outcome in outcomes:
            if isinstance(outcome, accounts.RoleRefused):
                raise outcome.refusal

    return allow


OPERATIONS: list[Operation] = [
    use_case("tick a role", "staff", _allows("orders:read", "orders:write")),
    task("sign in", "clerk", _signs_in(CLERK, PASSWORD)),
    task("sign in by a wrong password", "clerk", _signs_in(CLERK, "no umbrella at all")),
    task("choose a password by a link", "clerk", with_passwords(_accept)),
    task("change one's own password", "clerk", with_passwords(_change_password)),
    task("forget one's password", "clerk", _forget),
    call("reset the clerk's password", "clerk", "POST /staff/{clerk}/password-resets"),
    call("dismiss the clerk", "clerk", "PATCH /staff/{clerk}", {"is_active": False}),
    call("give the clerk a role", "clerk, staff", "PATCH /staff/{clerk}", {"role": "idle"}),
    call("write to the clerk elsewhere", "clerk", "PATCH /staff/{clerk}", {"email": "clerk{side}@example.com"}),
    use_case("end the clerk's session", "clerk", _ends("clerk session", "clerk")),
    use_case("sign out", "clerk", lambda tx, ids: accounts.sign_out(tx, secret=ids["clerk secret"])),
    use_case("begin a second step", "clerk", _begins_step("clerk")),
    use_case("confirm a second step", "clerk", _confirm_step),
    task("sign in by a code", "keeper", _signs_in_by("keeper code")),
    task("sign in by a spare code", "keeper", _signs_in_by("spare code")),
    task("sign in by a passkey", "keeper", _sign_in_by_passkey),
    use_case("remove a second step", "keeper", _remove_step),
    use_case("begin a second step anew", "keeper", _begins_step("keeper")),
    use_case("add a passkey", "keeper", lambda tx, ids: _add(tx, ids, NEW_DEVICE, "Till")),
    use_case(
        "rename a passkey",
        "keeper",
        lambda tx, ids: accounts.rename_passkey(
            tx, staff_id=StaffId(UUID(ids["keeper"])), passkey_id=UUID(ids["passkey"]), name=f"Till {ids['side']}"
        ),
    ),
    use_case(
        "remove a passkey",
        "keeper",
        lambda tx, ids: accounts.remove_passkey(
            tx, staff_id=StaffId(UUID(ids["keeper"])), passkey_id=UUID(ids["passkey"])
        ),
    ),
    call("dismiss the keeper", "keeper", "PATCH /staff/{keeper}", {"is_active": False}),
]
