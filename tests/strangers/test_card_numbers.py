"""Known failure: a card number that somebody types into a note is kept for ever, in a system that must not have any."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg import sql

from jiedan.base.web import bodies, forms, prose
from tests.api import stored
from tests.strangers.typed import Typed

UNMASKED = re.compile(r"f(\d+)f 4111 1111 1111 1111")


def is_a_code(field: str) -> bool:
    """Tell whether a field is what names a thing, and may be as many digits, or lies inside such a one."""
    return any(name in prose.CODES or name.endswith(("_id", "_ids")) for name in re.split(r"[.\[\] ]", field))


async def test_a_card_number_typed_into_any_text_is_masked_before_it_is_stored(
    typed: Typed, owner: psycopg.Connection[Any]
) -> None:
    found: dict[str, set[str]] = {}
    for table in stored.tenant_tables():
        query = sql.SQL("SELECT t::text FROM {} t WHERE tenant_id = %s AND t::text LIKE '%%4111%%1111%%'")
        for (row,) in owner.execute(query.format(sql.Identifier(table)), [typed.world.at.tenant]):
            for number in UNMASKED.findall(row):
                if not is_a_code(typed.fields[int(number)]):
                    found.setdefault(typed.fields[int(number)], set()).add(table)
    wrong = [f"{field} in {', '.join(sorted(tables))}" for field, tables in found.items()]
    assert not wrong, "\n".join(sorted(wrong))
    assert len(typed.accepted - typed.by_form) > 60
    assert len(typed.accepted & typed.by_form) > 60
    taken = {typed.fields[number].partition(" ")[2] for number in typed.accepted}
    assert {"/api/v1/products/{product_id}/images alt_text", "/api/v1/imports file_name"} <= taken
    at = f"/c/{typed.world.at.slug}"
    assert {f"/products/{{id}}/images {name}" for name in ("alt_text", "pictures")} | {"/imports file"} <= {
        name.partition(at)[2] for name in taken
    }


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (b"alt_text=A+4111+1111+1111+1111&kind=a", b"alt_text=A+%2A%2A%2A%2A+%2A%2A%2A%2A+%2A%2A%2A%2A+1111&kind=a"),
        (b"a=1&note=4111%2D1111%2D1111%2D1111", b"a=1&note=%2A%2A%2A%2A-%2A%2A%2A%2A-%2A%2A%2A%2A-1111"),
        (b"note=%FF4111111111111111", b"note=%FF%2A%2A%2A%2A%2A%2A%2A%2A%2A%2A%2A%2A1111"),
        (b"sku=4111111111111111&hold_id=4111111111111111", b"sku=4111111111111111&hold_id=4111111111111111"),
        (b"page=4111111111111111", b"page=4111111111111111"),
        (b"note=%e5%9b%9b+%FF&empty&x=", b"note=%e5%9b%9b+%FF&empty&x="),
    ],
)
def test_the_query_of_a_write_keeps_everything_but_cards_in_prose(asked: bytes, kept: bytes) -> None:
    assert prose.masked_query(asked, prose.no_prose({"page": int | None, "note": str, "alt_text": str | None})) == kept


def test_slugs_phones_and_ids_that_look_like_a_card_stay_as_they_are() -> None:
    like_a_card = {
        "merchant": "t4111111111111111",
        "slug": "shop-4111111111111111",
        "contact_phone": "+4915123456787",
        "order_ids": "0193a000-4111-1111-1111-1111a0000001",
        "hold_id": "4111111111111111",
    }
    for name, text in like_a_card.items():
        assert prose.masked(Message, name, text) == text
        body = {name: text, "text": text}
        prose.mask_cards(body)
        assert body[name] == text
        assert ("*" in body["text"]) is (name != "order_ids"), "the digits of an id are a card number nowhere"


class Piece(forms.Form):
    pick: UUID | None = None
    pieces: list[Annotated[int, msgspec.Meta(ge=0)]] = msgspec.field(default_factory=list)
    way: Literal["post", "van"] = "post"
    mark: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")] = ""
    title: Annotated[str, msgspec.Meta(pattern=r"\S")] | None = None
    remarks: Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=9)] = msgspec.field(
        default_factory=list
    )


@pytest.mark.parametrize("name", ["pick", "pieces", "way", "mark"])
def test_what_is_no_text_is_no_prose_whatever_its_name(name: str) -> None:
    assert prose.masked(Piece, name, "4111111111111111") == "4111111111111111"


@pytest.mark.parametrize("name", ["title", "remarks", "a_field_that_is_none"])
def test_a_text_that_has_room_for_words_is_prose(name: str) -> None:
    assert prose.masked(Piece, name, "4111111111111111") == "************1111"


def test_a_text_that_has_no_room_for_words_is_kept_in_a_body_too() -> None:
    raw = b'{"mark":"4111111111111111","words":"4111111111111111"}'
    kept = bodies.decode(raw, Marked)
    assert (kept.mark, kept.words) == ("4111111111111111", "************1111")


class Marked(bodies.Body):
    mark: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")]
    words: str


class Message(bodies.Body):
    text: str
    sku: str = ""
    more: list[dict[str, str]] = []  # noqa: RUF012 - msgspec copies defaults


def test_what_is_masked_is_prose_wherever_it_stands_and_however_it_is_written() -> None:
    raw = rb'{"text":"4111\u00a01111\u00a01111\u00a01111","sku":"4111111111111111","more":[{"a":"4111111111111111"}]}'
    kept = bodies.decode(raw, Message)
    assert kept.text == "****\N{NO-BREAK SPACE}****\N{NO-BREAK SPACE}****\N{NO-BREAK SPACE}1111"
    assert (kept.sku, kept.more) == ("4111111111111111", [{"a": "************1111"}])
