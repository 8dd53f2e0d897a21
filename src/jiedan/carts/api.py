"""REST of carts: for shops that bring their own pages."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put

from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.carts import queries, service
from jiedan.carts.values import ATTRIBUTES_MAX, CART_COUPONS_MAX, CART_LINES_MAX, CartId, CartView, Wish
from jiedan.pricing.values.coupons import COUPON_TYPED_CHARACTERS_MAX
from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX

Said = Annotated[
    dict[
        str,
        Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
        | Annotated[str, msgspec.Meta(max_length=WRITING_CHARACTERS_MAX)],
    ],
    msgspec.Meta(max_length=ATTRIBUTES_MAX),
]


class LineBody(bodies.Body):
    """How many units of a SKU; 0 takes it out.

    `attributes` are what is said of a piece made to measure, numbers with decimals as texts, and what is written on it:
    `{"width": "2.4 m", "engraving": "Anna"}`; each such piece is a line of its own. They are judged as they are put in;
    once the rules have changed, a quote or the order tells.
    """

    sku: bodies.Code
    quantity: Annotated[int, msgspec.Meta(ge=0)]
    attributes: Said = msgspec.field(default_factory=dict)


Lines = Annotated[list[LineBody], msgspec.Meta(max_length=CART_LINES_MAX)]


class CartBody(bodies.Body):
    """A new cart: its currency (default: the merchant's), whose it is, what is in it."""

    __example__: ClassVar[dict[str, Any]] = {"lines": [{"sku": "TEA-250", "quantity": 2}]}

    currency: bodies.Code | None = None
    customer_id: UUID | None = None
    lines: Lines = msgspec.field(default_factory=list)


class LinesBody(bodies.Body):
    """Everything that is to be in the cart, each SKU once, and each piece made to measure."""

    __example__: ClassVar[dict[str, Any]] = {"lines": [{"sku": "TEA-250", "quantity": 3}]}

    lines: Lines


TypedCode = Annotated[str, msgspec.Meta(min_length=1, max_length=COUPON_TYPED_CHARACTERS_MAX)]


class CouponsBody(bodies.Body):
    """Every coupon code that the cart is to keep; case, spaces and dashes do not count."""

    __example__: ClassVar[dict[str, Any]] = {"coupons": ["FIRST-ORDER"]}

    coupons: Annotated[list[TypedCode], msgspec.Meta(max_length=CART_COUPONS_MAX)]


@post("/carts", permission="orders:write", idempotent=True, also=[404], summary="Open a cart")
async def open_cart(unit: Unit, data: CartBody) -> Response[CartView]:
    """Open a cart and hold what is in it for fifteen minutes; a customer's open cart is used again.

    To order what is in it, place an order with the cart's id as `cart_id`: what it holds goes over to the order.
    """

    async def work(tx: Any) -> CartId:
        made = await service.open_cart(
            tx, customer_id=data.customer_id, currency=data.currency, key=unit.idempotency_key
        )
        cart = await queries.cart(tx, made)
        if data.lines and not cart.lines and cart.order_id is None:
            await service.fill_cart(tx, cart_id=made, wishes=_wishes(data.lines))
        return made

    cart_id = await unit.write(work)
    shown = await _shown(unit, cart_id)
    return answers.created(shown, f"/api/v1/carts/{cart_id}", version=shown.version)


@get("/carts/{cart_id:uuid}", permission="orders:read", summary="Get a cart")
async def get_cart(unit: Unit, cart_id: UUID) -> Response[CartView]:
    """Return a cart as it stands now: today's prices and stock, and what changed since it was filled."""
    shown = await _shown(unit, cart_id)
    return answers.versioned(shown, shown.version)


@put("/carts/{cart_id:uuid}/lines", permission="orders:write", summary="Say what is in a cart")
async def fill_cart(unit: Unit, cart_id: UUID, data: LinesBody) -> Response[CartView]:
    """Make the cart hold exactly these lines, at today's prices, for another fifteen minutes.

    A quantity that is changed must be one that can be ordered: `quantities` of a line tell which can.
    """
    await unit.write(lambda tx: service.fill_cart(tx, cart_id=cart_id, wishes=_wishes(data.lines), is_whole=True))
    shown = await _shown(unit, cart_id)
    return answers.versioned(shown, shown.version)


@put("/carts/{cart_id:uuid}/coupons", permission="orders:write", summary="Say which coupons a cart has")
async def put_coupons(unit: Unit, cart_id: UUID, data: CouponsBody) -> Response[CartView]:
    """Make the cart keep exactly these codes; each that is new must be good for something now.

    An order takes codes by its own `coupons`, as it does lines. Who tries many codes that no coupon has must wait.
    """
    caller, network = unit.principal.caller, unit.network
    outcome = await unit.write(
        lambda tx: service.put_coupons(
            tx, cart_id=cart_id, typed=data.coupons, caller=caller, network=network, is_whole=True
        )
    )
    if isinstance(outcome, Refusal):
        raise outcome
    shown = await _shown(unit, cart_id)
    return answers.versioned(shown, shown.version)


@post("/carts/{cart_id:uuid}/hold", permission="orders:write", status_code=200, summary="Hold a cart's goods longer")
async def hold_cart(unit: Unit, cart_id: UUID) -> Response[CartView]:
    """Hold what is in the cart for another fifteen minutes, as far as it is there."""
    await unit.write(lambda tx: service.hold_cart(tx, cart_id=cart_id))
    shown = await _shown(unit, cart_id)
    return answers.versioned(shown, shown.version)


@delete("/carts/{cart_id:uuid}", permission="orders:write", summary="Discard a cart")
async def discard_cart(unit: Unit, cart_id: UUID) -> None:
    """Forget a cart that was not ordered, and give back what it holds."""
    await unit.write(lambda tx: service.discard_cart(tx, cart_id=cart_id))


def _wishes(lines: list[LineBody]) -> list[Wish]:
    return [Wish(line.sku, line.quantity, line.attributes) for line in lines]


async def _shown(unit: Unit, cart_id: UUID) -> CartView:
    async with unit.read() as tx:
        return await queries.view(tx, await queries.cart(tx, cart_id))


ROUTER = routing.api("Carts", [open_cart, get_cart, fill_cart, put_coupons, hold_cart, discard_cart])
