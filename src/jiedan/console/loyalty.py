"""The loyalty program: how points are earned in each currency, how long they live, and what they pay."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import amounts
from jiedan.wallets import errors, queries, service, values
from jiedan.wallets.values import LoyaltyRule

PATH = "/loyalty"

TypedAmount = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Points = Annotated[int, msgspec.Meta(ge=0, le=values.POINTS_PER_STEP_MAX)]


class LoyaltyForm(Form, kw_only=True):
    """How points work in a currency, at the version that was looked at; 0 of a rule that is new."""

    currency: bodies.Code
    version: Annotated[int, msgspec.Meta(ge=0)] = 0
    points: Points = 0
    step: TypedAmount
    lives_days: Annotated[int, msgspec.Meta(ge=1, le=values.LIVES_DAYS_MAX)] | None = None
    pays_points: Points = 0
    pays: TypedAmount
    pays_points_min: Annotated[int, msgspec.Meta(ge=0, le=values.AMOUNT_MAX)] = 0
    pays_share_percent: Annotated[int, msgspec.Meta(ge=1, le=values.SHARE_PERCENT_MAX)] = values.SHARE_PERCENT_MAX


@get(PATH, permission="wallets:read")
async def loyalty_page(unit: Unit) -> Response[str]:
    """Show the loyalty program, currency by currency."""
    return await _page(unit, None)


@post(PATH, permission="wallets:write")
async def set_loyalty(unit: Unit) -> Response[str]:
    """Set how points work in one currency."""
    form = await forms.read(unit, LoyaltyForm)
    sent = form.value
    if sent is None:
        return await _page(unit, form)
    try:
        rule = _rule(sent)
        await unit.write(lambda tx: service.set_loyalty_rules(tx, rows=[rule]))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form)
    return pages.redirect(unit, PATH, flash=N_("The loyalty program was saved."))


def _rule(sent: LoyaltyForm) -> LoyaltyRule:
    """Return the rule that a form sets. Raises UnitInvalid, and what is wrong with its amounts, by field."""
    if not money.is_currency(sent.currency):
        raise errors.UnitInvalid(sent.currency)
    return LoyaltyRule(
        sent.currency,
        sent.points,
        _step(sent.step, sent.currency, "step", values.AMOUNT_MAX),
        sent.lives_days,
        sent.version,
        sent.pays_points,
        _step(sent.pays, sent.currency, "pays", values.PAYS_MINOR_MAX),
        sent.pays_points_min,
        sent.pays_share_percent,
    )


def _step(text: str, currency: str, field: str, most: int) -> int:
    minor = amounts.typed(text, currency, field=field)
    if not 1 <= minor <= most:
        raise errors.AmountOutside(minor, currency, amount_max=most, field=field)
    return minor


async def _page(unit: Unit, form: "Filled[Any] | None") -> Response[str]:
    async with unit.read() as tx:
        settings = await tx.load_one(accounts.settings())
        known = {rule.currency: rule for rule in await queries.loyalty_rules(tx)}
    return pages.render(
        unit,
        "console/loyalty.html",
        form=form,
        programs=_programs(known, settings.currencies),
        sent_for=form.text("currency") if form is not None else "",
        written=amounts.written,
    )


def _programs(known: dict[str, LoyaltyRule], currencies: Sequence[str]) -> list[LoyaltyRule]:
    """Return the rules by currency: those there are, and of each other currency of the shop one that does nothing."""
    names = [*currencies, *(currency for currency in known if currency not in currencies)]
    return [known.get(currency) or LoyaltyRule(currency, 0, 100, None, pays_minor=100) for currency in names]


HANDLERS: tuple[Any, ...] = (loyalty_page, set_loyalty)
