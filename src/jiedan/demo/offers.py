"""What the demo shop offers, and who uses it: promotions, coupons, prices for companies, gift cards, credit, points.

Who brings what follows from the stories alone, so that a play begun again asks for the same.
"""

import functools
import itertools
import random  # noqa: TID251 - seeded, so that the same codes come out
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple
from uuid import UUID

from jiedan.base import errors
from jiedan.base.db import Database, Scope, Tx
from jiedan.customers.values import CustomerId
from jiedan.demo import bespoke, marks, stories, trade
from jiedan.demo.stories import Fate, Story
from jiedan.orders.values.drafts import NewLine, WalletUse
from jiedan.pricing import queries as pricing_queries
from jiedan.pricing import service as pricing
from jiedan.pricing.queries import coupons as coupon_queries
from jiedan.pricing.service import coupons
from jiedan.pricing.values.coupons import CouponBatchId, NewCoupons
from jiedan.pricing.values.promotions import (
    AmountOff,
    BuyGet,
    Caps,
    Gift,
    Goods,
    Hours,
    PercentOff,
    Promotion,
    ShippingOff,
    Step,
    Steps,
    When,
)
from jiedan.wallets import service as wallets
from jiedan.wallets.rules import Codes
from jiedan.wallets.values import Change, MovementKind, NewCard, Reason, WalletKey, WalletKind

CURRENCY = "CNY"
OWN_CHANNELS = ("web", "store", "phone", "email")
"""Where the shop's own offers hold; marketplaces have theirs."""

FRIENDS_CODE = "TEAFRIEND"
LETTER_PREFIX = "LETTER"
LETTER_CODES = 200
CARDS_UNSOLD = 8
CARD_MINOR = (10_000, 20_000, 50_000)
CREDIT_MINOR = (1_500, 3_000, 5_000)

_WHOLE_PPM, _HALF_PPM = 1_000_000, 500_000
_FESTIVAL = (timedelta(days=max(stories.FESTIVAL_DAYS_AGO)), timedelta(days=min(stories.FESTIVAL_DAYS_AGO) - 1))
_NEXT = (timedelta(days=3), timedelta(days=17))
"""From when to when after the end of the play the next sale is."""

_FRIEND_EVERY, _FRIEND_TURN = 14, 4
_LETTER_EVERY, _LETTER_TURN = 17, 7
"""Every so manieth story brings the code everybody knows, or one out of a letter."""

_WALLET_EVERY, _CARD_TURN, _CREDIT_TURN = 9, 3, 6
"""Every so manieth customer has a gift card, or store credit, and pays the first order that may be paid so with it."""

_PREPAID: frozenset[Fate] = frozenset(
    {"smooth", "several_parcels", "collected", "canceled", "line_canceled", "held", "short_pick"}
)
"""What wallets pay for: the money of the others is a story of its own."""

Tender = Literal["card", "credit"]


class Extra(NamedTuple):
    """What a story brings: the code everybody knows or the n-th out of a letter; a wallet, and how much was in it.

    `lines` are pieces made to measure.
    """

    coupon: Literal["", "friend", "letter"] = ""
    tender: Tender | None = None
    amount_minor: int = 0
    lines: tuple[NewLine, ...] = ()


class Brought(NamedTuple):
    """What somebody brings to an order, and pieces that are made to measure for it."""

    coupons: tuple[str, ...] = ()
    wallets: tuple[WalletUse, ...] = ()
    lines: tuple[NewLine, ...] = ()


NOTHING = Brought()
Given = Mapping[int, Brought]
"""What is brought, by the number of the story."""

NOBODY: Given = MappingProxyType({})


def promotions(until: datetime) -> tuple[Promotion, ...]:
    """Return what is offered in a play that ends at `until`: always, at the weekend, in the sale, and soon.

    None of it changes what the tutorial buys as a guest, whatever day it is.
    """
    return (*_sales(until), *_standing(), *_coupons())


def _sales(until: datetime) -> tuple[Promotion, ...]:
    """Return what has its days."""
    sale = [until - ago for ago in _FESTIVAL]
    soon = [until + after for after in _NEXT]
    return (
        Promotion(
            "festival",
            "茶节每满 300 减 40 Tea festival: 40 off for each 300",
            Steps((Step(from_amounts={CURRENCY: 30_000}, amounts={CURRENCY: 4_000}),), repeats=True),
            when=When(from_at=sale[0], until_at=sale[1], channels=OWN_CHANNELS),
            priority=10,
        ),
        Promotion(
            "coming",
            "下期礼品 85 折 Coming soon: 15% off gifts",
            PercentOff(150_000),
            Goods(any_of=("category:gifts",)),
            When(from_at=soon[0], until_at=soon[1], channels=OWN_CHANNELS),
        ),
        Promotion(
            "weekend",
            "周末茶具满 99 包邮 Free shipping at weekends with teaware for 99",
            ShippingOff(rate_ppm=_WHOLE_PPM),
            Goods(any_of=("category:ware",)),
            When(hours=(Hours(weekdays=(6, 7)),), channels=("web",), min_spend={CURRENCY: 9_900}),
        ),
    )


def _standing() -> tuple[Promotion, ...]:
    """Return what is always offered."""
    return (
        Promotion(
            "spend_more",
            "满减 Spend more, save more",
            Steps(
                (
                    Step(from_amounts={CURRENCY: 100_000}, amounts={CURRENCY: 5_000}),
                    Step(from_amounts={CURRENCY: 200_000}, amounts={CURRENCY: 15_000}),
                )
            ),
            when=When(channels=OWN_CHANNELS),
            priority=20,
        ),
        Promotion(
            "welcome",
            "首单立减 10 元 10 off the first order",
            AmountOff({CURRENCY: 1_000}),
            when=When(channels=("web",), first_order=True, min_spend={CURRENCY: 9_900}),
            priority=30,
        ),
        Promotion(
            "sweets",
            "茶点第二件半价 Sweets: the second at half price",
            BuyGet(buy=1, get=1, rate_ppm=_HALF_PPM),
            Goods(any_of=("category:sweets",)),
            When(channels=OWN_CHANNELS),
        ),
        Promotion(
            "towel",
            "乌龙满 150 赠茶巾或茶漏 A towel or a strainer with oolong for 150",
            Gift(("TOOL-TWL", "TOOL-STR")),
            Goods(any_of=("category:oolong",)),
            When(channels=OWN_CHANNELS, min_spend={CURRENCY: 15_000}),
            caps=Caps(total=400),
        ),
        Promotion(
            "spring",
            "春茶三件 95 折 5% off three of the spring teas",
            PercentOff(50_000),
            Goods(any_of=(f"tag:{marks.SPRING}",)),
            When(channels=OWN_CHANNELS, min_quantity=3),
        ),
        Promotion(
            "kiln",
            "白鹿窑两件 9 折 10% off two pieces of White Deer Kiln",
            PercentOff(100_000),
            Goods(any_of=(f"brand:{marks.KILN}",)),
            When(channels=OWN_CHANNELS, min_quantity=2),
        ),
    )


def _coupons() -> tuple[Promotion, ...]:
    """Return what takes a code."""
    return (
        Promotion(
            "friends",
            "茶友 92 折 8% off for tea friends",
            PercentOff(80_000, at_most={CURRENCY: 5_000}, per="order"),
            when=When(channels=OWN_CHANNELS, coupon="required"),
            priority=40,
        ),
        Promotion(
            "letter",
            "来信券 15 元 15 off with the letter",
            AmountOff({CURRENCY: 1_500}),
            when=When(channels=OWN_CHANNELS, coupon="required", min_spend={CURRENCY: 9_900}),
            priority=50,
        ),
    )


def extras(told: Iterable[Story]) -> dict[int, Extra]:
    """Return what stories bring, by their numbers; those that bring nothing are absent."""
    found: dict[int, Extra] = {}
    paid: set[int] = set()
    for story in told:
        if story.channel not in OWN_CHANNELS:
            continue
        extra = Extra(_coupon(story), lines=bespoke.lines(story))
        turn, rank = story.person % _WALLET_EVERY, story.person // _WALLET_EVERY
        if turn in {_CARD_TURN, _CREDIT_TURN} and story.person not in paid and story.fate in _PREPAID:
            paid.add(story.person)
            is_card = turn == _CARD_TURN
            amounts = CARD_MINOR if is_card else CREDIT_MINOR
            extra = extra._replace(tender="card" if is_card else "credit", amount_minor=amounts[rank % len(amounts)])
        if extra != Extra():
            found[story.number] = extra
    return found


def _coupon(story: Story) -> Literal["", "friend", "letter"]:
    if story.number % _FRIEND_EVERY == _FRIEND_TURN:
        return "friend"
    return "letter" if story.number % _LETTER_EVERY == _LETTER_TURN else ""


async def open_offers(
    database: Database,
    scope: Scope,
    codes: Codes,
    *,
    customers: Sequence[CustomerId],
    companies: Sequence[CustomerId],
    told: Sequence[Story],
    until: datetime,
    seed: int,
) -> Given:
    """Publish what is offered and hand out what stories bring, or find it done; return what each of them brings."""
    wanted = extras(told)
    letters = await database.write(scope, functools.partial(_offer, companies=companies, until=until, seed=seed))
    await database.write(scope, functools.partial(trade.gather, companies=companies))
    own = {story.number: customers[story.person] for story in told}
    cards = await database.write(scope, functools.partial(_hand_out, codes=codes, wanted=wanted, own=own))
    unused = iter(letters)
    return {
        number: Brought(_codes_of(extra, unused), _wallets(extra, cards.get(number)), extra.lines)
        for number, extra in wanted.items()
    }


def _codes_of(extra: Extra, unused: Iterator[str]) -> tuple[str, ...]:
    """Return the codes that are typed; each of a letter is used once, and who comes after the last has none."""
    match extra.coupon:
        case "friend":
            return (FRIENDS_CODE,)
        case "letter":
            return tuple(itertools.islice(unused, 1))
        case _:
            return ()


def _wallets(extra: Extra, card: UUID | None) -> tuple[WalletUse, ...]:
    match extra.tender:
        case None:
            return ()
        case "card":
            return (WalletUse(kind="gift_card", wallet_id=card),)
        case "credit":
            return (WalletUse(kind="credit"),)


async def _offer(tx: Tx, *, companies: Sequence[CustomerId], until: datetime, seed: int) -> list[str]:
    """Publish promotions and price lists and make the coupons, once; return the codes of the letters."""
    if not await tx.load_one(pricing_queries.draft_rules(["promotion"])):
        for promotion in promotions(until):
            await pricing.create_rule(tx, kind="promotion", body=promotion)
        await pricing.create_rule(tx, kind="formula", body=bespoke.CURTAIN, examples=bespoke.EXAMPLES)
        await trade.write_lists(tx, companies=companies)
        await pricing.publish(tx, note="优惠活动 Offers")
    dice = random.Random(seed)  # noqa: S311 - of a shop that sells nothing
    friends = NewCoupons("friends", codes=(FRIENDS_CODE,), uses_max=None, note="公众号与茶会 Newsletter and tastings")
    letters = NewCoupons("letter", size=LETTER_CODES, prefix=LETTER_PREFIX, note="随包裹来信 Letters in parcels")
    await coupons.make_coupons(tx, wish=friends, key="demo:friends")
    made = await coupons.make_coupons(tx, wish=letters, key="demo:letters", draw=dice.randbytes)
    return [row.code for row in await coupon_queries.codes_of(tx, CouponBatchId(made.batch_id))]


async def _hand_out(
    tx: Tx, *, codes: Codes, wanted: Mapping[int, Extra], own: Mapping[int, CustomerId]
) -> dict[int, UUID]:
    """Issue gift cards and give store credit, once; return the cards by the stories that bring them."""
    bringing = [number for number, extra in wanted.items() if extra.tender == "card"]
    sold = [
        NewCard(
            wanted[number].amount_minor,
            CURRENCY,
            customer_id=own[number],
            note="送礼卡 A gift from a friend",
            key=f"demo:card:{number}",
        )
        for number in bringing
    ]
    unsold = [
        NewCard(CARD_MINOR[1], CURRENCY, note="柜台礼品卡 At the counter", key=f"demo:counter:{n}")
        for n in range(CARDS_UNSOLD)
    ]
    issued = errors.accepted(await wallets.issue_cards(tx, codes=codes, cards=[*sold, *unsold]))
    credit = [
        Change(
            WalletKey(own[number], WalletKind.credit, CURRENCY),
            extra.amount_minor,
            MovementKind.adjustment,
            f"demo:credit:{number}",
            Reason.goodwill,
            "老客户回馈 Thanks to a regular",
        )
        for number, extra in wanted.items()
        if extra.tender == "credit"
    ]
    if credit:
        errors.accepted(await wallets.adjust_many(tx, changes=credit))
    return {number: card.card.wallet.wallet_id for number, card in zip(bringing, issued, strict=False)}
