"""Signing in: equal answers and equal work, throttled, with sessions that rotate and end."""

import asyncio
import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from jiedan.accounts import errors, queries, rules, service
from jiedan.accounts.queries import actors
from jiedan.accounts.service import credentials
from jiedan.accounts.service.passwords import WAITING_MAX
from jiedan.accounts.values import ALL_PERMISSIONS, SignedIn
from jiedan.base.db import Database
from jiedan.base.recorder import StatementRecorder
from tests.accounts import factories
from tests.accounts.factories import VISITOR, CountingHasher, Opened
from tests.conftest import FakeClock


def secret(signed_in: SignedIn) -> str:
    return signed_in.credential.partition(".")[2]


async def alive(db: Database, at: Opened, signed_in: SignedIn) -> bool:
    async with db.read(at.scope) as tx:
        return signed_in.session_id in await tx.load_one(queries.credentials_alive([signed_in.session_id]))


async def test_a_person_signs_in(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    signed_in = await factories.sign_in(db, passwords, at, at.owner_email.swapcase())
    assert signed_in.staff_id == at.owner_id
    assert signed_in.credential.startswith(f"{at.tenant.hex}.")
    async with db.read(at.scope) as tx:
        (session,) = await queries.sessions(tx, staff_id=at.owner_id)
    assert (session.session_id, session.network) == (signed_in.session_id, VISITOR.network)


async def test_only_the_hash_of_a_secret_is_stored(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    signed_in = await factories.sign_in(db, passwords, at)
    assert len(secret(signed_in)) >= 43  # 256 bits in base 64
    async with db.read(at.scope) as tx:
        rows = await tx.sql(actors.SQL["session_holder"], secret_hash=credentials.secret_hash(secret(signed_in)))
    assert rows[0][0] == signed_in.session_id


async def test_unknown_and_wrong_are_the_same_work_and_the_same_answer(
    db: Database, passwords: service.Passwords, hasher: CountingHasher, recorder: StatementRecorder
) -> None:
    at = await factories.opened(db)
    await factories.person(db, at, "sales", has_joined=False)
    await factories.person(db, at, "support")
    async with db.begin(at.scope) as tx:
        support = await queries.person_by_email(tx, f"support@{at.slug}.example")
        assert support is not None
        await service.change_staff(tx, staff_id=support.staff_id, changes={"is_active": False}, held=ALL_PERMISSIONS)
    seen = []
    for email in ("nobody@example.com", at.owner_email, f"sales@{at.slug}.example", f"support@{at.slug}.example"):
        before = hasher.verified
        with recorder.watching() as sent, pytest.raises(errors.SignInRefused) as refused:
            await factories.sign_in(db, passwords, at, email, password="not the password")
        seen.append((hasher.verified - before, tuple(sent), str(refused.value), refused.value.field))
    assert len(set(seen)) == 1
    assert seen[0][0] == 1


async def test_an_unknown_merchant_costs_the_same_hash(
    db: Database, passwords: service.Passwords, hasher: CountingHasher
) -> None:
    with pytest.raises(errors.SignInRefused):
        await service.sign_in(
            db,
            passwords,
            tenant=None,
            email="a@b.cn",
            password=factories.PASSWORD,
            visitor=VISITOR,
            sealer=factories.SEALER,
        )
    assert hasher.verified == 1


async def test_the_right_password_does_not_open_a_closed_account(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    async with db.begin(at.scope) as tx:
        await service.change_staff(tx, staff_id=sales, changes={"is_active": False}, held=ALL_PERMISSIONS)
    with pytest.raises(errors.SignInRefused):
        await factories.sign_in(db, passwords, at, f"sales@{at.slug}.example")


async def test_the_dummy_password_opens_nothing(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    with pytest.raises(errors.SignInRefused):
        await factories.sign_in(db, passwords, at, "nobody@example.com", password="nobody has this password")


@pytest.mark.parametrize("email", ["known", "nobody@example.com"])
async def test_an_account_known_or_not_is_throttled(
    db: Database, passwords: service.Passwords, hasher: CountingHasher, clock: FakeClock, email: str
) -> None:
    at = await factories.opened(db)
    email = at.owner_email if email == "known" else email
    for number in range(rules.ATTEMPTS_PER_ACCOUNT_MAX):
        visitor = dataclasses.replace(VISITOR, network=f"198.51.100.{number}")
        with pytest.raises(errors.SignInRefused):
            await factories.sign_in(db, passwords, at, email, password="wrong wrong wrong", visitor=visitor)
    worked = hasher.verified
    with pytest.raises(errors.SignInThrottled) as refused:
        await factories.sign_in(db, passwords, at, email)
    assert hasher.verified == worked
    assert 0 < refused.value.retry_after_s <= rules.THROTTLE_WINDOW.total_seconds()
    clock.advance(rules.THROTTLE_WINDOW)
    if email == at.owner_email:
        await factories.sign_in(db, passwords, at, email)


async def test_guesses_at_once_are_counted_one_by_one(
    db: Database, passwords: service.Passwords, hasher: CountingHasher
) -> None:
    at = await factories.opened(db)
    guesses = [factories.sign_in(db, passwords, at, password=f"wrong number {n}") for n in range(15)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(outcome, errors.SignInRefused) for outcome in outcomes) == rules.ATTEMPTS_PER_ACCOUNT_MAX
    assert hasher.verified == rules.ATTEMPTS_PER_ACCOUNT_MAX


async def test_more_passwords_than_a_process_takes_on_are_refused(hasher: CountingHasher) -> None:
    passwords = service.Passwords(hasher)
    many = [passwords.verify(factories.PASSWORD, factories.PASSWORD_HASH) for _ in range(WAITING_MAX + 5)]
    outcomes = await asyncio.gather(*many, return_exceptions=True)
    passwords.close()
    assert sum(isinstance(outcome, errors.PasswordsBusy) for outcome in outcomes) == 5


async def test_a_network_is_throttled_over_many_accounts(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    for number in range(rules.ATTEMPTS_PER_NETWORK_MAX):
        with pytest.raises(errors.SignInRefused):
            await factories.sign_in(db, passwords, at, f"guess{number}@example.com", password="wrong wrong wrong")
    with pytest.raises(errors.SignInThrottled):
        await factories.sign_in(db, passwords, at)
    elsewhere = dataclasses.replace(VISITOR, network="198.51.100.1")
    await factories.sign_in(db, passwords, at, visitor=elsewhere)


async def test_the_first_refusal_by_the_throttle_is_an_event(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    for _ in range(rules.ATTEMPTS_PER_ACCOUNT_MAX + 3):
        with pytest.raises((errors.SignInRefused, errors.SignInThrottled)):
            await factories.sign_in(db, passwords, at, password="wrong wrong wrong")
    assert (await kinds(db, at)).count("accounts.sign_in_throttled") == 1


async def kinds(db: Database, at: Opened) -> list[str]:
    async with db.read(at.scope) as tx:
        return list((await tx.execute(factories.event_kinds(at.tenant))).scalars())


async def test_a_success_forgives_the_account(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    for _ in range(3):
        for _ in range(rules.ATTEMPTS_PER_ACCOUNT_MAX - 1):
            with pytest.raises(errors.SignInRefused):
                await factories.sign_in(db, passwords, at, password="wrong wrong wrong")
        await factories.sign_in(db, passwords, at)


async def test_a_session_rotates_at_sign_in(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    first = await factories.sign_in(db, passwords, at)
    second = await factories.sign_in(db, passwords, at, replaced=secret(first))
    assert second.credential != first.credential
    assert not await alive(db, at, first)
    assert await alive(db, at, second)


async def test_a_planted_secret_is_never_taken_over(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    planted = "x" * 43
    signed_in = await factories.sign_in(db, passwords, at, replaced=planted)
    assert secret(signed_in) != planted
    async with db.read(at.scope) as tx:
        assert not await tx.sql(actors.SQL["session_holder"], secret_hash=credentials.secret_hash(planted))


async def test_a_new_password_ends_every_session_and_begins_one(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    here, elsewhere = await factories.sign_in(db, passwords, at), await factories.sign_in(db, passwords, at)
    change: dict[str, Any] = {"tenant": at.tenant, "staff_id": at.owner_id, "visitor": VISITOR}
    new = "eleven copper kettles"
    with pytest.raises(errors.PasswordWrong):
        await service.change_password(db, passwords, present="a wrong one", password=new, **change)
    with pytest.raises(errors.PasswordTooShort):
        await service.change_password(db, passwords, present=factories.PASSWORD, password="short", **change)
    rotated = await service.change_password(db, passwords, present=factories.PASSWORD, password=new, **change)
    assert [await alive(db, at, session) for session in (here, elsewhere, rotated)] == [False, False, True]
    with pytest.raises(errors.SignInRefused):
        await factories.sign_in(db, passwords, at)
    await factories.sign_in(db, passwords, at, password=new)


async def test_a_password_reset_signs_everybody_else_out(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    before = await factories.sign_in(db, passwords, at)
    async with db.begin(at.scope) as tx:
        link = await service.reset_password(tx, staff_id=at.owner_id, held=ALL_PERMISSIONS)
    assert await alive(db, at, before)
    after = await factories.accept(db, passwords, at, link.credential, password="eleven copper kettles")
    assert [await alive(db, at, before), await alive(db, at, after)] == [False, True]


async def test_own_sessions_are_listed_and_revoked_and_nobody_elses(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    mine = await factories.sign_in(db, passwords, at)
    theirs = await factories.sign_in(db, passwords, at, f"sales@{at.slug}.example")
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.SessionNotFound):
            await service.revoke_session(tx, staff_id=at.owner_id, session_id=theirs.session_id)
        await service.revoke_session(tx, staff_id=at.owner_id, session_id=mine.session_id)
        assert await queries.sessions(tx, staff_id=at.owner_id) == []
        assert len(await queries.sessions(tx, staff_id=sales)) == 1
    clock.advance(rules.SESSION_IDLE)
    async with db.read(at.scope) as tx:
        assert await queries.sessions(tx, staff_id=sales) == []


async def test_what_has_run_out_is_swept_at_the_next_sign_in(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    await factories.sign_in(db, passwords, at)
    clock.advance(rules.SESSION_ABSOLUTE + timedelta(days=1))
    await factories.sign_in(db, passwords, at)
    async with db.read(at.scope) as tx:
        assert await factories.stored_sessions(tx) == 1


async def test_outdated_hashes_are_replaced_at_sign_in(db: Database) -> None:
    at = await factories.opened(db)
    stronger = service.Passwords(factories.CountingHasher(factories.STRONGER))
    await factories.sign_in(db, stronger, at)
    async with db.read(at.scope) as tx:
        account = await queries.account(tx, staff_id=at.owner_id)
    assert account is not None
    assert account.password_hash is not None
    assert "m=128," in account.password_hash
    await factories.sign_in(db, stronger, at)
    stronger.close()
