"""What comes from providers and from customers who return from their pages: public, and nothing they say is believed.

A message proves itself by its signature; a return only makes us ask the provider.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, get, post

from jiedan.base.db import Scope
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.web import exchange, routing
from jiedan.base.web.unit import Unit
from jiedan.payments import service
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.values import Payment

SEE_OTHER = 303


class Taken(msgspec.Struct, frozen=True):
    """That a message was taken in; not new when it had come before."""

    is_new: bool


class Returned(msgspec.Struct, frozen=True):
    """How a payment stands, for a customer whom nobody sent anywhere."""

    payment_id: UUID
    state: str


@post("/in/{tenant:uuid}/{provider:str}", public=True, incoming=True, status_code=200)
async def take_in_message(request: Request[Any, Any, Any], unit: Unit, tenant: UUID, provider: str) -> Taken:
    """Take in a provider's message: proved, stored, handled; a second delivery does nothing and is answered alike."""
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    scope = Scope(TenantId(tenant), Actor("provider", provider), exchange.of(request.scope).request_id)
    is_new = await service.take_in(
        unit.runtime.database, scope, unit.part(Gateways), provider=provider, headers=headers, body=body
    )
    return Taken(is_new)


@get("/pay/return/{tenant:uuid}/{payment_id:uuid}", public=True)
async def return_from_page(unit: Unit, tenant: UUID, payment_id: UUID) -> Response[Returned | None]:
    """Ask the provider how the payment stands, then send the customer on to where the merchant wants them."""
    scope = Scope(TenantId(tenant), Actor("guest", "return"), unit.request_id)
    payment = await service.look_up(unit.runtime.database, scope, unit.part(Gateways), payment_id=payment_id)
    if not payment.return_url:
        return Response(Returned(payment.payment_id, payment.state), media_type=MediaType.JSON)
    return Response(None, status_code=SEE_OTHER, headers={"Location": _onward(payment), "Cache-Control": "no-store"})


def _onward(payment: Payment) -> str:
    parts = urlsplit(payment.return_url)
    told = [("payment_id", str(payment.payment_id)), ("state", payment.state)]
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *told])
    return urlunsplit(parts._replace(query=query))


ROUTER = routing.root([take_in_message, return_from_page])
