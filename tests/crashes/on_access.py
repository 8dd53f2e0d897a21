"""How people add passkeys, call them otherwise, remove them and sign in by them; the grid of roles."""

from collections.abc import Mapping
from urllib.parse import urlencode

from jiedan.accounts import queries
from jiedan.accounts.service import ceremonies
from jiedan.base.sealing import Sealer
from tests.accounts import authenticator, factories
from tests.accounts.authenticator import LOCAL, Device
from tests.base import web_client
from tests.crashes.calls import Stage
from tests.crashes.forms import STAGES, form, plain
from tests.crashes.ground import AT, Ground
from tests.crashes.nursery import Work

SEALER = Sealer(web_client.SECRET)


async def _add(ground: Ground) -> Work:
    at = ground.world.at
    async with ground.database.read(at.scope) as tx:
        person = await queries.person(tx, at.owner_id)
    asked = ceremonies.ask_to_make(SEALER, LOCAL, tenant=at.tenant, person=person, known=[], now=AT)
    answer = Device(LOCAL.origin, b"another device").make(asked.options)
    return form(ground, "/account/passkeys", {"name": "Laptop", "token": asked.token, "answer": answer})


async def _enter(ground: Ground) -> Work:
    device, _ = await authenticator.enrolled(ground.database, ground.world.at, sealer=SEALER, credential_id=b"another")
    work = await STAGES["/sign-in"](ground)
    asked = ceremonies.ask_to_prove(SEALER, LOCAL, now=AT)
    device.uses = 1
    work.address = "/sign-in/passkey"
    work.content = urlencode({"token": asked.token, "answer": device.prove(asked.options)}).encode()
    return work


async def _grid(ground: Ground) -> Work:
    role = ground.world.ids["role_id"]
    return form(ground, "/roles", {"versions": [f"{role}:1"], "ticks": [f"{role}:orders:read", f"{role}:orders:hold"]})


FORMS: Mapping[str, Stage] = {
    "/sign-in/passkey": _enter,
    "/c/{slug}/roles": _grid,
    "/c/{slug}/account/passkeys": _add,
    "/c/{slug}/account/passkeys/request": plain("/account/passkeys/request", present=factories.PASSWORD),
    "/c/{slug}/account/passkeys/{passkey_id}/name": plain(
        "/account/passkeys/{passkey_id}/name", version="1", name="Till"
    ),
    "/c/{slug}/account/passkeys/{passkey_id}/removal": plain("/account/passkeys/{passkey_id}/removal"),
}
