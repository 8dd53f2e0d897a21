"""Who comes in and goes out: the browser's session, its cart, the way back to where somebody wanted to go."""

from typing import Any
from urllib.parse import quote

from litestar import Response

from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.base.web import csrf, pages
from jiedan.base.web.preferences import local_path
from jiedan.base.web.site import VISITOR_COOKIE
from jiedan.base.web.unit import Unit
from jiedan.carts import service as carts
from jiedan.customers import rules
from jiedan.customers.service import Then
from jiedan.customers.values import Browser, CustomerId, SignedIn
from jiedan.portal import visitor
from jiedan.portal.visitor import Visitor
from jiedan.sourcing.values import Point

ACCOUNT_PATH = "/account"
SIGN_IN_PATH = "/sign-in"
NEXT_CHARACTERS_MAX = 1_000


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
            await carts.attach_cart(tx, holder_hash=holder_hash, customer_id=customer_id, destination=point)

    return then


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
