"""The processor as a program of its own, over real HTTP: hanging after it has charged, dying, and what it keeps."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from jiedan.base import clock as clocks
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.settings import Settings
from jiedan.orders.values import OrderId
from jiedan.payments import service
from jiedan.payments.providers import gateways
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.providers.sandbox import messages
from jiedan.payments.providers.sandbox.processor import bank as banks
from jiedan.payments.providers.sandbox.processor.bank import Bank
from jiedan.payments.providers.sandbox.processor.store import Store
from jiedan.payments.values import RECONCILE_AFTER, NewPayment, Payment, PaymentId
from tests.conftest import FakeClock
from tests.patience import PATIENCE_S, eventually
from tests.payments import factories

JIEDAN = (sys.executable, "-c", "from jiedan.cli import main; main()")
ANSWER_S = 5.0
"""What hangs takes longer, and everything else does not, however slow the machine is."""


class Program:
    """`jiedan sandbox`, started and stopped."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.home = home
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it answers."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JIEDAN_")}
        environment = {**kept, "JIEDAN_HOME": str(self.home)}
        process = subprocess.Popen(
            [*JIEDAN, "sandbox", "--port", str(self.port)], env=environment, stderr=subprocess.DEVNULL
        )
        eventually(lambda: self._answers() or process.poll() is not None, "the sandbox does not answer")
        assert process.poll() is None, "the sandbox ended"
        return process

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S):
            return True
        return False

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    running = Program(tmp_path_factory.mktemp("sandbox"))
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(PATIENCE_S)


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> AsyncIterator[OrderId]:
    made = await factories.an_order(db, scope)
    yield made
    assert await factories.broken(db, scope) == {}


@pytest.fixture
async def opened(db: Database, scope: Scope, program: Program, order_id: OrderId) -> AsyncIterator[Gateways]:
    settings = Settings(home=program.home, sandbox_port=program.port, testing=True)
    async with gateways.opened(db, settings, answer_s_max=ANSWER_S) as made:
        await db.write(scope, lambda tx: service.set_up_provider(tx, made, provider="sandbox"))
        yield made


async def pay(db: Database, scope: Scope, made: Gateways, order_id: OrderId, token: str) -> Payment:
    """Pay as the API does, and return the payment."""

    async def before(tx: Tx) -> tuple[PaymentId, list[str]]:
        wish = NewPayment(order_id, "sandbox", "card", None, token)
        (outcome,) = await service.create_payments(tx, wishes=[wish])
        created = factories.accepted(outcome)
        return created.payment_id, [created.operation_key or ""]

    payment_id = await service.perform(db, scope, made, before=before)
    return await factories.the_payment(db, scope, payment_id)


async def test_hanging_after_the_charge_ends_in_one_capture(
    db: Database, scope: Scope, clock: FakeClock, opened: Gateways, order_id: OrderId
) -> None:
    payment = await pay(db, scope, opened, order_id, "tok_hangs")
    assert (payment.state, payment.sums.captured) == ("unknown", 0)
    clock.advance(timedelta(hours=2))
    assert (await factories.the_order(db, scope, order_id)).lifecycle == "open"
    assert await service.sweep(db, scope, opened) == 1
    found = await factories.the_payment(db, scope, payment.payment_id)
    assert (found.state, found.sums.captured) == ("captured", 10_000)
    assert await service.sweep(db, scope, opened) == 0
    again = await factories.ask(db, scope, payment.payment_id, "refund", 10_001)
    assert "100.00 can be refunded" in str(again)


async def test_a_processor_that_dies_and_comes_back_knows_what_it_did(  # noqa: PLR0917 - what pytest gives
    db: Database, scope: Scope, clock: FakeClock, opened: Gateways, program: Program, order_id: OrderId
) -> None:
    paid = await pay(db, scope, opened, order_id, "tok_visa")
    assert paid.state == "captured"
    assert program.stop() == 0
    second = await factories.another_order(db, scope, 1)
    lost = await pay(db, scope, opened, second, "tok_visa")
    assert lost.state == "unknown"
    program.process = program.start()
    clock.advance(2 * RECONCILE_AFTER)
    await service.sweep(db, scope, opened)
    assert (await factories.the_payment(db, scope, lost.payment_id)).state == "captured"
    refund = factories.accepted(await factories.ask(db, scope, paid.payment_id, "refund", 1_000))
    clock.advance(RECONCILE_AFTER)
    await service.sweep(db, scope, opened)
    assert refund.operation_keys
    assert (await factories.the_payment(db, scope, paid.payment_id)).sums.refunded == 1_000


async def test_its_door_is_shut_to_who_is_not_known(program: Program) -> None:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{program.port}") as anybody:
        body = {"kind": "sale", "amount_minor": 1, "currency": "CNY", "token": "tok_visa"}
        assert (await anybody.post("/v1/operations/k", json=body)).status_code == 401
        assert (await anybody.get("/v1/operations/k", headers={"authorization": "Bearer x"})).status_code == 401
        assert (await anybody.get("/pay/nothing")).status_code == 404
        sign_up = {"account": "a", "api_key": "k1", "webhook_secret": "s", "webhook_url": "http://127.0.0.1:1/"}
        assert (await anybody.post("/v1/accounts", json=sign_up)).status_code == 200
        stolen = {**sign_up, "api_key": "k2", "webhook_url": "http://127.0.0.1:2/"}
        assert (await anybody.post("/v1/accounts", json=stolen)).status_code == 409
        assert (await anybody.post("/v1/accounts", content=b"{")).status_code == 422
        known = {"authorization": "Bearer k1"}
        assert (await anybody.post("/v1/operations/k", json=body, headers=known)).json()["state"] == "succeeded"
        other = {**body, "amount_minor": 2}
        assert (await anybody.post("/v1/operations/k", json=other, headers=known)).status_code == 409
        foreign = {"kind": "refund", "amount_minor": 1, "currency": "CNY", "charge": "ch_x"}
        assert (await anybody.post("/v1/operations/r", json=foreign, headers=known)).status_code == 404


def test_what_it_knows_outlives_it_and_half_a_line_does_not_hurt(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.jsonl"

    def opened_bank() -> tuple[Store, Bank]:
        store = Store(path)
        return store, Bank(store, clocks.SystemClock(), url="http://localhost:1", late=timedelta(0))

    store, bank = opened_bank()
    bank.open_account(messages.SignUp(account="a", api_key="k", webhook_secret="s", webhook_url="http://x/"))
    sale = messages.Ask(kind="sale", amount_minor=500, currency="CNY", token=banks.VISA)
    answer, _ = bank.ask("a", "k1", sale)
    store.close()
    with path.open("ab") as file:
        file.write(b'{"type": "Charge", "ref": "ch_ha')
    store, bank = opened_bank()
    assert bank.ask("a", "k1", sale) == (answer, False)
    assert store.charges[answer.ref].captured == 500
    assert len(store.deliveries) == 1
    refund = messages.Ask(kind="refund", amount_minor=501, currency="CNY", charge=answer.ref)
    assert bank.ask("a", "k2", refund)[0].failure == "amount_too_large"
    store.close()
    assert path.stat().st_mode & 0o777 == 0o600
