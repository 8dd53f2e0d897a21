"""Signing in in two steps: codes of an app are taken once, recovery codes too, and the password alone is not enough."""

from datetime import timedelta

import pyotp
import pytest

from jiedan.accounts import errors, service, values
from jiedan.accounts.service import factors
from jiedan.base.db import Database
from tests.accounts import factories
from tests.accounts.factories import SEALER, VISITOR, Opened
from tests.conftest import FakeClock

STEP = timedelta(seconds=factors.STEP_S)


async def two_steps(db: Database, clock: FakeClock, at: Opened) -> tuple[pyotp.TOTP, list[str]]:
    """Set the owner's app up; return it, and the recovery codes."""
    async with db.begin(at.scope) as tx:
        made = await service.begin_second_factor(tx, SEALER, staff_id=at.owner_id)
    app = pyotp.TOTP(made.secret)
    async with db.begin(at.scope) as tx:
        codes = await service.confirm_second_factor(tx, SEALER, staff_id=at.owner_id, code=app.at(clock.now()))
    return app, codes


async def first_step(db: Database, passwords: service.Passwords, at: Opened) -> str:
    wanted = await service.sign_in(
        db,
        passwords,
        tenant=at.tenant,
        email=at.owner_email,
        password=factories.PASSWORD,
        visitor=VISITOR,
        sealer=SEALER,
    )
    assert isinstance(wanted, values.CodeWanted)
    return wanted.token


async def second_step(db: Database, at: Opened, token: str, code: str) -> values.SignedIn:
    return await service.sign_in_by_code(db, tenant=at.tenant, token=token, code=code, visitor=VISITOR, sealer=SEALER)


async def test_a_code_signs_in_once(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    app, _ = await two_steps(db, clock, at)
    token = await first_step(db, passwords, at)
    with pytest.raises(errors.CodeWrong):
        await second_step(db, at, token, app.at(clock.now()))  # the one that confirmed it
    clock.advance(STEP)
    with pytest.raises(errors.CodeWrong):
        await second_step(db, at, token, "000000" if app.at(clock.now()) != "000000" else "111111")
    signed_in = await second_step(db, at, token, f" {app.at(clock.now())[:3]} {app.at(clock.now())[3:]}")
    assert signed_in.staff_id == at.owner_id
    with pytest.raises(errors.CodeWrong):
        await second_step(db, at, token, app.at(clock.now()))
    clock.advance(3 * STEP)
    with pytest.raises(errors.CodeWrong):
        await second_step(db, at, token, app.at(clock.now() - 2 * STEP))


async def test_a_phone_whose_clock_is_half_a_minute_off_gets_in(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    app, _ = await two_steps(db, clock, at)
    clock.advance(4 * STEP)
    token = await first_step(db, passwords, at)
    await second_step(db, at, token, app.at(clock.now() - STEP))
    await second_step(db, at, token, app.at(clock.now() + STEP))


async def test_a_recovery_code_signs_in_once(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    _, codes = await two_steps(db, clock, at)
    assert len(set(codes)) == factors.RECOVERY_CODES
    token = await first_step(db, passwords, at)
    await second_step(db, at, token, codes[0].upper().replace("-", " "))
    with pytest.raises(errors.CodeWrong):
        await second_step(db, at, token, codes[0])
    async with db.read(at.scope) as tx:
        kept = await service.second_factor(tx, staff_id=at.owner_id)
    assert kept is not None
    assert kept.codes_left == factors.RECOVERY_CODES - 1


async def test_a_first_step_runs_out_and_is_nobody_else_s(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    _, codes = await two_steps(db, clock, at)
    _, theirs = await two_steps(db, clock, other)
    token = await first_step(db, passwords, at)
    with pytest.raises(errors.SignInExpired):
        await second_step(db, other, token, theirs[0])
    forged = f"{other.owner_id.hex}.{token.partition('.')[2]}"
    for wrong in (forged, token[:-6], "nonsense", ""):
        with pytest.raises(errors.SignInExpired):
            await second_step(db, other, wrong, theirs[0])
    clock.advance(factors.PENDING_MAX + timedelta(seconds=1))
    with pytest.raises(errors.SignInExpired):
        await second_step(db, at, token, codes[0])


async def guess(db: Database, at: Opened, token: str) -> type[Exception]:
    with pytest.raises((errors.CodeWrong, errors.SignInThrottled)) as refused:
        await second_step(db, at, token, "wrong-wrong-code")
    return refused.type


async def test_guesses_at_the_code_are_counted(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    _, codes = await two_steps(db, clock, at)
    token = await first_step(db, passwords, at)
    guesses = [await guess(db, at, token) for _ in range(20)]
    assert guesses[0] is errors.CodeWrong
    assert guesses[-1] is errors.SignInThrottled
    with pytest.raises(errors.SignInThrottled):
        await second_step(db, at, token, codes[0])


async def test_another_password_ends_a_first_step_and_a_link_is_no_second(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    _, codes = await two_steps(db, clock, at)
    token = await first_step(db, passwords, at)
    async with db.begin(at.scope) as tx:
        link = await service.reset_password(tx, staff_id=at.owner_id, held=values.ALL_PERMISSIONS)
    entered = await service.accept_link(
        db, passwords, tenant=at.tenant, secret=link.credential, password="eight loud lanterns", visitor=VISITOR
    )
    assert entered is None
    with pytest.raises(errors.SignInExpired):
        await second_step(db, at, token, codes[0])


async def test_it_is_set_up_once_and_removed(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        first = await service.begin_second_factor(tx, SEALER, staff_id=at.owner_id)
        again = await service.begin_second_factor(tx, SEALER, staff_id=at.owner_id)
        assert await service.second_factor_enrolment(tx, SEALER, staff_id=at.owner_id) == again
    assert first.secret != again.secret
    assert again.address.startswith("otpauth://totp/")
    await factories.sign_in(db, passwords, at)  # it does not count before it is confirmed
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.CodeWrong):
            await service.confirm_second_factor(tx, SEALER, staff_id=at.owner_id, code="12345")
    await two_steps(db, clock, at)
    async with db.begin(at.scope) as tx:
        with pytest.raises(errors.FactorExists):
            await service.begin_second_factor(tx, SEALER, staff_id=at.owner_id)
        assert await service.second_factor_enrolment(tx, SEALER, staff_id=at.owner_id) is None
        await service.remove_second_factor(tx, staff_id=at.owner_id)
        with pytest.raises(errors.FactorNotFound):
            await service.remove_second_factor(tx, staff_id=at.owner_id)
    await factories.sign_in(db, passwords, at)
