"""REST of the browsers that notices are pushed to."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post

from jiedan.accounts.values import SELF
from jiedan.base.sealing import Sealer
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, rules, service
from jiedan.notifications.post import push
from jiedan.notifications.values import Device, Push

Endpoint = Annotated[str, msgspec.Meta(min_length=12, max_length=2_000, pattern=r"^https://[!-~]+$")]
PublicKey = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{87}=?$")]
Secret = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{22}={0,2}$")]


class KeyView(msgspec.Struct, frozen=True):
    """The key that a browser is told when it subscribes (VAPID, RFC 8292), as base64url."""

    public_key: str


class DeviceBody(bodies.Body):
    """Where a browser takes pushes: the parts of its `PushSubscription`."""

    __example__: ClassVar[dict[str, Any]] = {
        "endpoint": "https://push.example/send/f00d",
        "p256dh": "BH3xH9GnU4_iik_vIJeJOrm5BmPIRTToFVFCeWRsVyu2ZjnGpgvWGYBmPCymqTlHYJTUd82-YPIOYIal9FcQnSQ",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }

    endpoint: Endpoint
    p256dh: PublicKey
    auth: Secret


class DeviceView(msgspec.Struct, frozen=True):
    """A browser of the caller, by the name it gives itself."""

    subscription_id: UUID
    browser: str
    created_at: datetime


@get("/push-key", permission=SELF, summary="Get the key for pushes")
async def get_push_key(unit: Unit) -> KeyView:
    """Return the public key of this installation."""
    return KeyView(push.public_key(unit.runtime.settings))


@get("/push-subscriptions", permission=SELF, summary="List your browsers")
async def list_devices(unit: Unit) -> list[DeviceView]:
    """Return the browsers that the caller wants notices pushed to. Raises ForPeopleOnly for an API key."""
    staff_id = rules.person_of(unit.principal.actor)
    async with unit.read() as tx:
        return [_view(device) for device in await queries.devices(tx, staff_id=staff_id)]


@post("/push-subscriptions", permission=SELF, summary="Add this browser")
async def add_device(unit: Unit, data: DeviceBody) -> Response[DeviceView]:
    """Keep where a browser takes pushes, until its person signs out there; the same again is the same browser.

    Raises ForPeopleOnly for an API key.
    """
    staff_id = rules.person_of(unit.principal.actor)
    sealer = Sealer(unit.runtime.settings.signing_secret())
    wanted = Push(data.endpoint, data.p256dh, data.auth)
    browser = unit.exchange.header(b"user-agent")
    session_id = unit.principal.credential_id
    kept = await unit.write(
        lambda tx: service.add_device(
            tx, sealer=sealer, staff_id=staff_id, push=wanted, browser=browser, session_id=session_id
        )
    )
    return answers.created(_view(kept), f"/api/v1/push-subscriptions/{kept.subscription_id}")


@delete("/push-subscriptions/{subscription_id:uuid}", permission=SELF, status_code=204, summary="Remove a browser")
async def remove_device(unit: Unit, subscription_id: UUID) -> None:
    """Push nothing more to a browser of the caller. Raises DeviceNotFound."""
    staff_id = rules.person_of(unit.principal.actor)
    await unit.write(lambda tx: service.remove_device(tx, staff_id=staff_id, subscription_id=subscription_id))


def _view(device: Device) -> DeviceView:
    return DeviceView(device.subscription_id, device.browser, device.created_at)


HANDLERS = (get_push_key, list_devices, add_device, remove_device)
