"""Passkeys: a device answers once, for one address, with its person present; and whoever copies one is seen."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedan.accounts import errors, queries, service, tables, values
from jiedan.accounts.service import Party, ceremonies, passkeys
from jiedan.accounts.values import Passkey, SignedIn, StaffId
from jiedan.base.db import Database
from jiedan.base.errors import StaleVersion
from tests.accounts import factories
from tests.accounts.authenticator import PRESENT, Device, text
from tests.accounts.factories import SEALER, VISITOR, Opened
from tests.conftest import NOON, FakeClock

PARTY = Party("orders.example", "https://orders.example")
ELSEWHERE = Party("evil.example", "https://evil.example")


async def asked(db: Database, words: service.Passwords, at: Opened, present: str = factories.PASSWORD) -> service.Asked:
    return await service.begin_passkey(
        db,
        words,
        tenant=at.tenant,
        staff_id=at.owner_id,
        present=present,
        party=PARTY,
        sealer=SEALER,
        visitor=VISITOR,
    )


async def keep(
    db: Database, at: Opened, token: str, answer: str, *, staff_id: StaffId | None = None, party: Party = PARTY
) -> Passkey:
    async with db.begin(at.scope) as tx:
        return await service.add_passkey(
            tx, SEALER, staff_id=staff_id or at.owner_id, name="Phone", token=token, answer=answer, party=party
        )


async def added(db: Database, words: service.Passwords, at: Opened, **facts: Any) -> tuple[Device, Passkey]:
    device = Device(PARTY.origin, **facts)
    wanted = await asked(db, words, at)
    return device, await keep(db, at, wanted.token, device.make(wanted.options))


async def enter(db: Database, token: str, answer: str, party: Party = PARTY) -> SignedIn:
    _, signed_in = await service.sign_in_by_passkey(
        db, token=token, answer=answer, party=party, sealer=SEALER, visitor=VISITOR
    )
    return signed_in


async def proved(db: Database, device: Device, **facts: Any) -> SignedIn:
    device.uses += 1
    wanted = service.ask_to_prove(SEALER, PARTY, now=db.clock.now())
    return await enter(db, wanted.token, device.prove(wanted.options, **facts))


async def kept(db: Database, at: Opened) -> Passkey:
    async with db.read(at.scope) as tx:
        (found,) = await queries.passkeys(tx, staff_id=at.owner_id)
    return found


async def test_a_device_signs_its_person_in(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    device, passkey = await added(db, passwords, at)
    assert (passkey.name, passkey.last_used_at, passkey.is_synced) == ("Phone", None, False)
    clock.advance(timedelta(days=1))
    before = clock.now()
    signed_in = await proved(db, device)
    assert signed_in.staff_id == at.owner_id
    used_at = (await kept(db, at)).last_used_at
    assert used_at is not None
    assert before < used_at < clock.now()
    async with db.read(at.scope) as tx:
        assert signed_in.session_id in {each.session_id for each in await queries.sessions(tx, staff_id=at.owner_id)}


async def test_it_stands_for_the_second_step_too(db: Database, passwords: service.Passwords, clock: FakeClock) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        made = await service.begin_second_factor(tx, SEALER, staff_id=at.owner_id)
        code = pyotp.TOTP(made.secret).at(clock.now())
        await service.confirm_second_factor(tx, SEALER, staff_id=at.owner_id, code=code)
    device, _ = await added(db, passwords, at)
    assert (await proved(db, device)).staff_id == at.owner_id


async def test_the_password_is_asked_for_first_and_guesses_count(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    with pytest.raises(errors.PasswordWrong):
        await asked(db, passwords, at, "eleven copper kettles")
    for _ in range(30):
        await asked(db, passwords, at)  # who knows the password is not slowed down by asking often
    refused = []
    for _ in range(12):
        with pytest.raises((errors.PasswordWrong, errors.SignInThrottled)) as told:
            await asked(db, passwords, at, "eleven copper kettles")
        refused.append(told.type)
    assert refused[0] is errors.PasswordWrong
    assert refused[-1] is errors.SignInThrottled


async def test_an_answer_is_taken_once(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    device = Device(PARTY.origin)
    wanted = await asked(db, passwords, at)
    answer = device.make(wanted.options)
    await keep(db, at, wanted.token, answer)
    with pytest.raises(errors.PasskeyExpired):
        await keep(db, at, wanted.token, answer)
    device.uses = 1
    wanted = service.ask_to_prove(SEALER, PARTY, now=db.clock.now())
    answer = device.prove(wanted.options)
    await enter(db, wanted.token, answer)
    with pytest.raises(errors.PasskeyRefused):
        await enter(db, wanted.token, answer)


async def test_an_answer_that_comes_late_is_refused(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    device, _ = await added(db, passwords, at)
    making, proving = await asked(db, passwords, at), service.ask_to_prove(SEALER, PARTY, now=clock.now())
    answers = Device(PARTY.origin, b"another").make(making.options), device.prove(proving.options)
    clock.advance(ceremonies.ANSWER_MAX)
    with pytest.raises(errors.PasskeyExpired):
        await keep(db, at, making.token, answers[0])
    with pytest.raises(errors.PasskeyExpired):
        await enter(db, proving.token, answers[1])
    with pytest.raises(errors.PasskeyExpired):
        await enter(db, "nonsense", answers[1])


async def test_what_was_answered_is_forgotten_when_it_could_not_come_again(
    db: Database, passwords: service.Passwords, clock: FakeClock
) -> None:
    at = await factories.opened(db)
    device, _ = await added(db, passwords, at)
    c = tables.SpentChallenge
    for _ in range(3):
        clock.advance(ceremonies.ANSWER_MAX)
        await proved(db, device)
        async with db.read(at.scope) as tx:
            count = await tx.execute(sa.select(sa.func.count()).select_from(c).where(c.tenant_id == at.tenant))
            assert count.scalar_one() == 1


async def test_a_challenge_is_for_the_person_who_asked(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    other = StaffId(await factories.person(db, at, "sales"))
    device, wanted = Device(PARTY.origin), await asked(db, passwords, at)
    answer = device.make(wanted.options)
    with pytest.raises(errors.PasskeyExpired):
        await keep(db, at, wanted.token, answer, staff_id=other)
    proving = service.ask_to_prove(SEALER, PARTY, now=db.clock.now())
    with pytest.raises(errors.PasskeyExpired):
        await keep(db, at, proving.token, answer)
    with pytest.raises(errors.PasskeyExpired):
        await enter(db, wanted.token, device.prove({**proving.options, "challenge": wanted.options["challenge"]}))


async def test_another_address_and_an_absent_person_make_no_passkey(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    for device, party in (
        (Device(ELSEWHERE.origin), PARTY),
        (Device(PARTY.origin), ELSEWHERE),
        (Device(PARTY.origin, flags=PRESENT), PARTY),
        (Device(PARTY.origin, flags=0), PARTY),
    ):
        wanted = await asked(db, passwords, at)
        with pytest.raises(errors.PasskeyUnusable):
            await keep(db, at, wanted.token, device.make(wanted.options), party=party)


async def test_whatever_is_wrong_with_an_answer_the_refusal_is_the_same(
    db: Database, passwords: service.Passwords
) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    device, _ = await added(db, passwords, at)
    stranger = Device(PARTY.origin, device.credential_id, handle=device.handle)
    unknown = Device(PARTY.origin, b"unknown", key=device.key, handle=device.handle)
    of_nobody = Device(PARTY.origin, device.credential_id, key=device.key, handle=UUID(int=3).bytes * 2)
    of_other = Device(
        PARTY.origin, device.credential_id, key=device.key, handle=other.tenant.bytes + other.owner_id.bytes
    )
    without = Device(PARTY.origin, device.credential_id, key=device.key)
    absent = Device(PARTY.origin, device.credential_id, key=device.key, handle=device.handle, flags=PRESENT)
    phished = Device(ELSEWHERE.origin, device.credential_id, key=device.key, handle=device.handle)
    for wrong in (stranger, unknown, of_nobody, of_other, without, absent, phished):
        with pytest.raises(errors.PasskeyRefused):
            await proved(db, wrong)
    with pytest.raises(errors.PasskeyRefused):
        await proved(db, device, rp_id=ELSEWHERE.id)
    assert (await proved(db, device)).staff_id == at.owner_id


async def test_a_copied_device_is_refused_and_told_of(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    device, passkey = await added(db, passwords, at, uses=5)
    await proved(db, device)
    device.uses = 4
    with pytest.raises(errors.PasskeyRefused):
        await proved(db, device)
    assert await told(db, at, "accounts.passkey_doubted") == [passkey.passkey_id]
    device.uses = 6
    await proved(db, device)


async def test_a_device_that_does_not_count_gets_in_again_and_again(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    device, _ = await added(db, passwords, at)
    for _ in range(2):
        device.uses = -1
        await proved(db, device)


async def told(db: Database, at: Opened, kind: str) -> list[UUID]:
    async with db.read(at.scope) as tx:
        rows = await tx.execute(
            sa.text("SELECT subject_id FROM event_log WHERE tenant_id = :tenant AND kind = :kind"),
            {"tenant": at.tenant, "kind": kind},
        )
        return list(rows.scalars())


async def test_a_person_who_has_left_is_not_let_in(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    await factories.person(db, at, "owner", email="two@example.com")
    device, _ = await added(db, passwords, at)
    async with db.begin(at.scope) as tx:
        await service.change_staff(tx, staff_id=at.owner_id, changes={"is_active": False}, held=values.ALL_PERMISSIONS)
    with pytest.raises(errors.PasskeyRefused):
        await proved(db, device)


async def test_one_device_is_kept_once_and_there_is_a_limit(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    device, _ = await added(db, passwords, at)
    wanted = await asked(db, passwords, at)
    assert [each["id"] for each in wanted.options["excludeCredentials"]] == [text(device.credential_id)]
    with pytest.raises(errors.PasskeyExists):
        await keep(db, at, wanted.token, device.make(wanted.options))
    for number in range(1, passkeys.PASSKEYS_PER_PERSON_MAX):
        await added(db, passwords, at, credential_id=f"device {number}".encode())
    with pytest.raises(errors.TooMany):
        await added(db, passwords, at, credential_id=b"one too many")


async def test_a_passkey_is_renamed_and_removed_by_its_person(db: Database, passwords: service.Passwords) -> None:
    at = await factories.opened(db)
    other = StaffId(await factories.person(db, at, "sales"))
    device, passkey = await added(db, passwords, at)
    async with db.begin(at.scope) as tx:
        same = await service.rename_passkey(tx, staff_id=at.owner_id, passkey_id=passkey.passkey_id, name=" Phone ")
        assert same.version == 1
        named = await service.rename_passkey(
            tx, staff_id=at.owner_id, passkey_id=passkey.passkey_id, name="Laptop", expected_version=1
        )
        assert (named.name, named.version) == ("Laptop", 2)
    async with db.begin(at.scope) as tx:
        with pytest.raises(StaleVersion):
            await service.rename_passkey(
                tx, staff_id=at.owner_id, passkey_id=passkey.passkey_id, name="Till", expected_version=1
            )
        with pytest.raises(errors.NameInvalid):
            await service.rename_passkey(tx, staff_id=at.owner_id, passkey_id=passkey.passkey_id, name=" ")
        with pytest.raises(errors.PasskeyNotFound):
            await service.rename_passkey(tx, staff_id=other, passkey_id=passkey.passkey_id, name="Mine")
        with pytest.raises(errors.PasskeyNotFound):
            await service.remove_passkey(tx, staff_id=other, passkey_id=passkey.passkey_id)
        await service.remove_passkey(tx, staff_id=at.owner_id, passkey_id=passkey.passkey_id)
    with pytest.raises(errors.PasskeyRefused):
        await proved(db, device)


ANSWER = json.loads(Device(PARTY.origin, handle=bytes(32)).prove({"rpId": PARTY.id, "challenge": text(bytes(32))}))
MADE = json.loads(
    Device(PARTY.origin).make({"rp": {"id": PARTY.id}, "user": {"id": text(bytes(32))}, "challenge": text(bytes(32))})
)
CHALLENGE = ceremonies.Challenge(bytes(32), NOON)


@given(part=st.sampled_from(sorted(ANSWER["response"])), content=st.binary(max_size=300), anything=st.text())
@settings(max_examples=60, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
def test_no_bytes_of_a_device_are_a_bug(part: str, content: bytes, anything: str) -> None:
    forged = {**ANSWER, "response": {**ANSWER["response"], part: text(content)}}
    for answer in (json.dumps(forged), anything, json.dumps(anything), json.dumps({**ANSWER, "id": anything})):
        with pytest.raises(errors.PasskeyRefused):
            ceremonies.proven(ceremonies.given(answer), public_key=content, challenge=CHALLENGE, party=PARTY)
    for name in MADE["response"]:
        broken = {**MADE, "response": {**MADE["response"], name: text(content)}}
        with pytest.raises(errors.PasskeyUnusable):
            ceremonies.made(json.dumps(broken), challenge=CHALLENGE, party=PARTY)


@pytest.mark.parametrize(
    ("base_url", "party", "here", "elsewhere"),
    [
        ("http://localhost:8000", Party("localhost", "http://localhost:8000"), "localhost", "127.0.0.1"),
        ("https://Orders.Example", PARTY, "orders.example", "example"),
        ("https://orders.example:443/", PARTY, "orders.example", "shop.orders.example"),
        ("https://orders.example:8443", Party("orders.example", PARTY.origin + ":8443"), "orders.example", ""),
    ],
)
def test_passkeys_are_for_where_people_open_jiedan(base_url: str, party: Party, here: str, elsewhere: str) -> None:
    assert ceremonies.party(base_url) == party
    assert party.is_at(here)
    assert not party.is_at(elsewhere)
