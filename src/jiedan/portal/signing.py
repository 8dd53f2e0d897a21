"""Who comes in and goes out: the browser's session, its cart, the way back to where somebody wanted to go."""

import contextlib
from collections.abc import Awaitable
from typing import Any, Protocol
from urllib.parse import quote

from litestar import Response

from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, renamed
from jiedan.base.i18n import N_
from jiedan.base.web import csrf, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.preferences import local_path
from jiedan.base.web.site import VISITOR_COOKIE
from jiedan.base.web.unit import Unit
from jiedan.carts import service as carts
from jiedan.carts.errors import CartOfAnother
from jiedan.customers import rules
from jiedan.customers.service import Then
from jiedan.customers.values import Browser, CustomerId, SignedIn
from jiedan.portal import visitor
from jiedan.portal.visitor import Visitor
from jiedan.sourcing.values import Point

ACCOUNT_PATH = "/account"
SIGN_IN_PATH = f"{ACCOUNT_PATH}/sign-in"
"""Not `/sign-in`: that is the staff's, also at a merchant's own host."""

SIGN_OUT_PATH = f"{ACCOUNT_PATH}/sign-out"
NEXT_CHARACTERS_MAX = 1_000


class Enter(Protocol):
    """How somebody comes in: by a password, by a link; returns the session that has begun."""

    def __call__(self, *, browser: Browser, replaced: str | None, then: Then) -> Awaitable[SignedIn]:
        """Begin a session in a browser, where the former one (`replaced`) ends, and do `then` with it."""


def browser(unit: Unit) -> Browser:
    """Return from where somebody comes."""
    return Browser(unit.network, unit.exchange.header(b"user-agent"), unit.request_id)


def wanted(who: Visitor, text: str) -> str:
    """Return the page of this shop that somebody wanted to go to, else their account."""
    target = local_path(text[:NEXT_CHARACTERS_MAX])
    is_here = target != "/" and target.startswith(f"{who.base}/")
    return target if is_here else who.at(ACCOUNT_PATH)


def first_sign_in(unit: Unit, who: Visitor) -> Response[str]:
    """Send a guest to the sign-in, with the way back to the page they asked for."""
    asked = unit.exchange.path if unit.request.method == "GET" else who.at(ACCOUNT_PATH)
    return pages.redirect(unit, f"{who.at(SIGN_IN_PATH)}?next={quote(asked, safe='/')}")


def bring_cart(who: Visitor, point: Point | None) -> Then:
    """Return what makes a guest's cart the customer's who comes in; another customer's stays whose it is."""
    holder_hash = who.holder_hash

    async def then(tx: Tx, customer_id: CustomerId) -> None:
        if holder_hash is not None and (who.holder is None or who.holder.customer_id == customer_id):
            with contextlib.suppress(CartOfAnother):  # it stays whose it is, and is not seen from here
                await carts.attach_cart(tx, holder_hash=holder_hash, customer_id=customer_id, destination=point)

    return then


def last_part(name: str) -> str:
    """Return what a field is called on the pages of an account: by itself, whatever it is a part of."""
    return name.rpartition(".")[2]


async def come_in(
    unit: Unit,
    who: Visitor,
    form: Filled[Any],
    enter: Enter,
    *,
    point: Point | None,
    target: str,
    flash: str | None = None,
) -> Response[str] | None:
    """Begin a session by `enter` and let its owner in; None where it is refused, which the form says then.

    Raises LinkNotValid, as every refusal of what is not there.
    """
    replaced = visitor.session_secret(unit, who.tenant, who.slug)
    try:
        signed_in = await enter(browser=browser(unit), replaced=replaced, then=bring_cart(who, point))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(renamed(refusal, last_part))
        return None
    return let_in(unit, who, signed_in, target, flash=flash)


def let_in(unit: Unit, who: Visitor, signed_in: SignedIn, target: str, *, flash: str | None = None) -> Response[str]:
    """Give the browser its session and go on; whatever it held before, its form tokens and its cart's secret, ends.

    The cart is found by who its customer is from now on.
    """
    age_s = int(rules.SESSION_ABSOLUTE.total_seconds())
    call = unit.exchange
    call.set_cookie(visitor.session_cookie(unit, who.slug), signed_in.credential, max_age_s=age_s)
    _begin_anew(unit)
    return pages.redirect(unit, target, flash=flash)


def let_out(unit: Unit, who: Visitor, *, flash: str = N_("You are signed out.")) -> Response[str]:
    """Take the session from the browser, and its cart: whoever sits here next is somebody else."""
    unit.exchange.set_cookie(visitor.session_cookie(unit, who.slug), "", max_age_s=0)
    _begin_anew(unit)
    return pages.redirect(unit, who.at("/"), flash=flash)


def _begin_anew(unit: Unit) -> None:
    call: Any = unit.exchange
    call.set_cookie(call.site.cookie_name(visitor.CART_COOKIE), "", max_age_s=0)
    call.set_cookie(call.site.cookie_name(VISITOR_COOKIE), csrf.new_visitor(), max_age_s=None)
