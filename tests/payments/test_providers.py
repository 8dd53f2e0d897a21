"""What every provider keeps to: the same tests for each adapter, against the processor it speaks to."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx2
import pytest

from jiedan.base import clock as clocks
from jiedan.base.settings import Settings
from jiedan.payments import errors
from jiedan.payments.providers import gateways
from jiedan.payments.providers.protocol import Provider
from jiedan.payments.providers.sandbox.client import Sandbox
from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from jiedan.payments.values import (
    Operation,
    OperationId,
    OperationKind,
    Payment,
    PaymentId,
    ProviderAccount,
    Result,
    Sums,
)
from tests.payments.sandboxed import Wires

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TENANT = UUID(int=5)


class Stage(Protocol):
    """A provider with its processor: what moved there, its messages, and a way to cut the line."""

    provider: Provider
    account: ProviderAccount
    token: str
    declined: str

    def moved(self) -> int:
        """Return what was taken and not given back."""
        ...

    def cut(self, is_cut: bool) -> None:
        """Cut or mend the line."""
        ...

    async def messages(self) -> list[tuple[dict[str, str], bytes]]:
        """Return the messages that the processor sends: headers and bodies."""
        ...


@dataclasses.dataclass
class SandboxStage:
    """The sandbox, without a network."""

    provider: Provider
    account: ProviderAccount
    processor: Processor
    store: Store
    wires: Wires
    token: str = "tok_visa"
    declined: str = "tok_declined"

    def moved(self) -> int:
        """Return what was taken and not given back."""
        return sum(charge.captured - charge.refunded for charge in self.store.charges.values())

    def cut(self, is_cut: bool) -> None:
        """Cut or mend the line."""
        self.wires.is_cut = is_cut

    async def messages(self) -> list[tuple[dict[str, str], bytes]]:
        """Return the messages that the processor sends."""
        self.wires.sent.clear()
        await self.processor.deliverer.send_due()
        return [
            ({k.lower(): v for k, v in sent.headers.items()}, sent.content)
            for sent in self.wires.sent
            if sent.url.port == 8000
        ]


@contextlib.asynccontextmanager
async def sandbox_stage() -> AsyncIterator[Stage]:
    """Set up the sandbox."""
    wires, store = Wires(), Store(None)
    async with httpx2.AsyncClient(transport=wires) as http:
        processor = Processor(store, clocks.SystemClock(), url="http://localhost:8001", http=http, hang_s=0)
        wires.apps = {8001: processor.app}
        provider = Sandbox(http, base_url="http://localhost:8000", processor_url="http://localhost:8001")
        account = ProviderAccount(TENANT, provider.name, {}, provider.new_secrets())
        yield SandboxStage(provider, account, processor, store, wires)


STAGES: Mapping[str, Callable[[], contextlib.AbstractAsyncContextManager[Stage]]] = {"sandbox": sandbox_stage}


@pytest.fixture(params=sorted(STAGES))
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as opened:
        yield opened


def operation(kind: OperationKind, key: str, amount: int = 1_000, token: str = "") -> Operation:
    return Operation(
        operation_id=OperationId(UUID(int=1)),
        payment_id=PaymentId(UUID(int=2)),
        kind=kind,
        amount_minor=amount,
        key=key,
        state="pending",
        provider_ref="",
        failure="",
        reason="",
        refers_to=None,
        refund_lines=(),
        token=token,
        requested_at=NOW,
        settled_at=None,
        attempts=0,
    )


def payment(stage: Stage, provider_ref: str = "") -> Payment:
    return Payment(
        payment_id=PaymentId(UUID(int=2)),
        order_id=None,
        provider=stage.provider.name,
        method="card",
        currency="CNY",
        amount_minor=1_000,
        provider_ref=provider_ref,
        pay_url="",
        return_url="",
        state="open",
        sums=Sums(),
        processing_count=0,
        created_at=NOW,
        version=1,
    )


async def perform(stage: Stage, asked: Operation, provider_ref: str = "") -> Result:
    return await stage.provider.perform(stage.account, asked, payment(stage, provider_ref))


async def test_every_adapter_has_its_stage(tmp_path: Path) -> None:
    anything: Any = type("Anything", (), {})()
    async with gateways.opened(anything, Settings(home=tmp_path, testing=True)) as opened:
        assert opened.known() == sorted(STAGES)
        for name in opened.known():
            adapter = opened.find(name)
            assert adapter is not None
            assert adapter.name == name
            assert set(adapter.new_secrets()) <= adapter.secrets


async def test_a_key_is_done_once_however_often_it_is_asked(stage: Stage) -> None:
    sale = operation("sale", "k1", token=stage.token)
    first = await perform(stage, sale)
    assert (first.state, first.key, first.amount_minor, first.currency) == ("succeeded", "k1", 1_000, "CNY")
    assert first.provider_ref
    assert await perform(stage, sale) == first
    assert await stage.provider.find(stage.account, "k1") == first
    assert stage.moved() == 1_000


async def test_money_is_set_aside_taken_let_go_and_given_back(stage: Stage) -> None:
    charge = (await perform(stage, operation("authorize", "a", token=stage.token))).provider_ref
    assert stage.moved() == 0
    for kind, amount, moved in (("capture", 600, 600), ("void", 400, 600), ("refund", 100, 500)):
        done = await perform(stage, operation(kind, kind, amount), charge)  # type: ignore[arg-type]  # a test's shorthand
        assert (done.state, stage.moved()) == ("succeeded", moved)
    beyond = await perform(stage, operation("refund", "r2", 501), charge)
    assert (beyond.state, stage.moved()) == ("failed", 500)
    assert beyond.failure


async def test_what_is_declined_has_failed_and_says_why(stage: Stage) -> None:
    declined = await perform(stage, operation("sale", "k1", token=stage.declined))
    assert (declined.state, stage.moved()) == ("failed", 0)
    assert declined.failure


async def test_without_a_token_the_customer_is_sent_to_a_page(stage: Stage) -> None:
    asked = await perform(stage, operation("sale", "k1"))
    assert asked.state == "action_needed"
    assert asked.pay_url.startswith("http")


async def test_a_lost_line_is_unknown_when_doing_and_unreachable_when_asking(stage: Stage) -> None:
    assert await stage.provider.find(stage.account, "nobody") is None
    stage.cut(True)
    lost = await perform(stage, operation("sale", "k1", token=stage.token))
    assert lost == Result("k1", "unknown")
    with pytest.raises(errors.ProviderUnreachable):
        await stage.provider.find(stage.account, "k1")


async def test_messages_are_proved_over_every_byte_and_say_the_same(stage: Stage) -> None:
    told = await perform(stage, operation("sale", "k1", token=stage.token))
    ((headers, body),) = await stage.messages()
    now = clocks.SystemClock().now()
    notice = stage.provider.read_webhook(stage.account, headers, body, now=now)
    assert notice.results == (told,)
    assert notice.external_id
    forgeries: list[tuple[dict[str, str], bytes, datetime]] = [
        (headers, body[:-1] + b" ", now),
        ({}, body, now),
        (headers, body, now + timedelta(minutes=6)),
        (headers, body, now - timedelta(minutes=6)),
    ]
    for forged, content, at in forgeries:
        with pytest.raises(errors.WebhookRefused):
            stage.provider.read_webhook(stage.account, forged, content, now=at)
    stranger = stage.account._replace(secrets=stage.provider.new_secrets())
    with pytest.raises(errors.WebhookRefused):
        stage.provider.read_webhook(stranger, headers, body, now=now)
    assert stage.provider.read_webhook(stage.account, headers, body, now=None) == notice
    assert all(secret not in repr(stage.account) for secret in stage.account.secrets.values())
