"""What becomes of a message after a try; languages; what may be chosen; how mails look."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from jiedan import wiring
from jiedan.accounts.events import SessionsEnded
from jiedan.base import i18n
from jiedan.base.events import SYSTEM, Actor
from jiedan.notifications import errors, rules
from jiedan.notifications.mails import MAILS, OPTIONAL
from jiedan.notifications.notices import NOTICES
from jiedan.notifications.post import composing, rendering
from jiedan.notifications.rules import Next, Tried
from jiedan.notifications.values import (
    FAILURES,
    Button,
    Code,
    Content,
    Envelope,
    Facts,
    Goods,
    MailSettings,
    Paragraph,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINE_BYTES_MAX = 998
"""Without the line's end (RFC 5321)."""

NASTY = '<script>alert("x")</script> class="body" & \'quoted\''


def envelope(**changes: object) -> Envelope:
    content = Content(
        "Your order SO-1",
        "Thank you",
        (
            Paragraph("We have it."),
            Facts((("Number", "SO-1"),)),
            Goods((("Tea", "2", "¥20.00"), ("Cup", "1", "")), (("Total", "¥20.00"),)),
            Button("Follow", "https://carrier.example/?n=1&x=2"),
            Code("ABC234"),
        ),
    )
    facts = {
        "message_id": UUID(int=1), "sender": "shop@example.com", "from_name": "Acme Tea",
        "from_address": "shop@example.com", "reply_to": None, "to_name": "Li Lei", "to_address": "li@example.com",
        "locale": "en", "written_at": NOON, "content": content, **changes,
    }  # fmt: skip
    return Envelope(**facts)  # type: ignore[arg-type]  # as written above


def opened(sent: Envelope) -> EmailMessage:
    """Return a message as programs read it."""
    return message_from_bytes(composing.compose(sent), policy=policy.default)


def test_a_message_that_went_out_is_sent_and_stays_so() -> None:
    assert rules.after(Tried("sent"), attempts=3, at=NOON) == Next("sent", NOON, None)


def test_what_may_go_well_later_is_tried_with_growing_pauses_and_then_given_up() -> None:
    pauses = []
    for attempts in range(1, rules.ATTEMPTS_MAX):
        state, at, failure = rules.after(Tried("later", "server_away"), attempts=attempts, at=NOON)
        assert (state, failure) == ("queued", "server_away")
        pauses.append(at - NOON)
    assert pauses[:4] == [timedelta(minutes=m) for m in (1, 4, 16, 64)]
    assert pauses == sorted(pauses)
    assert max(pauses) == rules.BACKOFF_MAX
    assert rules.after(Tried("later", "server_away"), attempts=rules.ATTEMPTS_MAX, at=NOON).state == "failed"


def test_a_refusal_for_good_an_unknown_outcome_and_what_is_over_end_at_once() -> None:
    assert rules.after(Tried("refused", "recipient_refused"), attempts=1, at=NOON).state == "failed"
    assert rules.after(Tried("unknown", "outcome_unknown"), attempts=1, at=NOON).state == "unknown"
    assert rules.after(Tried("dropped", "not_needed"), attempts=1, at=NOON).state == "dropped"


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [
        (("zh-TW", "en"), "zh_Hant"),
        ((None, "zh_Hans"), "zh_Hans"),
        (("fr", "pt_BR"), "en"),
        ((None, None), "en"),
        (("", "en"), "en"),
    ],
)
def test_the_language_is_the_first_wish_that_is_offered(wishes: tuple[str | None, ...], chosen: str) -> None:
    assert rules.language(wishes, offered=i18n.LOCALES, default="en") == chosen


def test_a_language_that_the_merchant_does_not_offer_is_passed_over() -> None:
    assert rules.language(("zh_Hant", "en"), offered=("en", "zh_Hans"), default="zh_Hans") == "en"


@pytest.mark.parametrize("address", ["a@b.example", "first.last+tag@mail.example.com", "x_y@a-b.cn"])
def test_an_address_that_mail_can_go_to(address: str) -> None:
    assert rules.is_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "no", "a@b", "a b@c.example", "a@b.example\nBcc: x@y.example", "a@b.example,c@d.example", "李@邮件.example",
     "<a@b.example>", "a@" + "b" * 260 + ".example"],
)  # fmt: skip
def test_an_address_that_no_mail_goes_to(address: str) -> None:
    assert not rules.is_address(address)


def ended(*session_ids: int, by: int | None = None) -> SessionsEnded:
    followed = None if by is None else UUID(int=by)
    return SessionsEnded(
        staff_id=UUID(int=9), session_ids=tuple(UUID(int=x) for x in session_ids), follower_id=followed
    )


@pytest.mark.parametrize(
    ("happened", "over", "followed"),
    [
        ([ended(1, 2)], {1, 2}, {}),
        ([ended(1, by=2)], set(), {1: 2}),
        ([ended(1, by=2), ended(2, by=3)], set(), {1: 3, 2: 3}),
        ([ended(1, by=2), ended(2)], {1, 2}, {}),
        ([ended(1, by=2), ended(3), ended(2, by=4)], {3}, {1: 4, 2: 4}),
        ([], set(), {}),
    ],
)
def test_of_sessions_that_ended_some_were_followed_by_others(
    happened: list[SessionsEnded], over: set[int], followed: dict[int, int]
) -> None:
    gone, last_of = rules.ended_sessions(happened)
    assert {x.int for x in gone} == over
    assert {x.int: y.int for x, y in last_of.items()} == followed


@pytest.mark.parametrize(
    ("address", "shown"),
    [("mei@example.com", "m***@example.com"), ("m@b.cn", "m***@b.cn"), ('"a@b"@c.example', '"***@c.example')],
)
def test_of_an_address_so_much_is_shown_as_its_owner_knows_it_by(address: str, shown: str) -> None:
    assert rules.masked(address) == shown


def test_only_mails_to_customers_can_be_switched_off() -> None:
    assert set(OPTIONAL) == {
        "order_placed", "payment_received", "shipped", "ready_to_collect", "canceled", "refunded"
    }  # fmt: skip
    chosen = MailSettings("not an address", None, ("refunded", "invitation"), 1)
    address, mail = rules.check_settings(chosen, optional=OPTIONAL)
    assert (address.code, address.field) == ("mail_address_invalid", "from_address")
    assert (mail.code, mail.field) == ("mail_unknown", "silenced[1]")


def test_notices_are_for_people() -> None:
    staff_id = UUID(int=7)
    assert rules.person_of(Actor("staff", str(staff_id))) == staff_id
    for actor in (SYSTEM, Actor("api_key", str(staff_id))):
        with pytest.raises(errors.ForPeopleOnly):
            rules.person_of(actor)


def test_every_mail_and_notice_hears_of_its_events() -> None:
    """What a file of a mail names as its causes must have the handler in `wiring`, or nobody ever gets it."""
    for mail in MAILS.values():
        for cause in mail.causes:
            heard = {handler.name for handler in wiring.SUBSCRIPTIONS[cause.kind]}
            assert "notifications.queue_mails" in heard, f"{mail.kind} is not queued by {cause.kind}"
    for notice in NOTICES.values():
        for cause in notice.causes:
            heard = {handler.name for handler in wiring.SUBSCRIPTIONS[cause.kind]}
            assert "notifications.put_up_notices" in heard, f"{notice.kind} is not put up by {cause.kind}"


def test_imported_history_tells_nobody() -> None:
    handlers = {h.name: h for of in wiring.SUBSCRIPTIONS.values() for h in of if h.name.startswith("notifications.")}
    assert handlers
    assert not any(handler.history for handler in handlers.values())


def test_a_mail_has_a_text_and_an_html_part_that_say_the_same() -> None:
    message = opened(envelope())
    assert message["Subject"] == "Your order SO-1"
    assert message["From"] == "Acme Tea <shop@example.com>"
    assert message["Message-ID"] == f"<{UUID(int=1)}@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    for said in ("Thank you", "We have it.", "SO-1", "Tea", "¥20.00", "ABC234", "Follow"):
        assert said in plain.get_content()
        assert said in html.get_content()
    assert "https://carrier.example/?n=1&x=2" in plain.get_content()
    assert "https://carrier.example/?n=1&amp;x=2" in html.get_content()


def test_the_html_needs_no_stylesheet_and_no_network() -> None:
    html = rendering.html(envelope())
    assert "class=" not in html
    assert "<style" not in html
    assert "<script" not in html
    assert "src=" not in html
    assert html.count("style=") > 10


def test_what_people_typed_stays_text() -> None:
    content = Content("S", NASTY, (Paragraph(NASTY), Facts(((NASTY, NASTY),)), Goods(((NASTY, "1", ""),), ())))
    html = rendering.html(envelope(content=content, from_name=NASTY))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert 'class="body"' not in html
    assert "class=&#34;body&#34;" in html


def test_a_name_cannot_add_a_header() -> None:
    message = opened(envelope(from_name="Acme\r\nBcc: evil@example.com", to_name='"Li" <x@y>\n'))
    assert "Bcc" not in message
    assert [str(x.addr_spec) for x in message["To"].addresses] == ["li@example.com"]
    assert message["From"].addresses[0].display_name == "Acme Bcc: evil@example.com"


@pytest.mark.parametrize(
    "name",
    ["王" * 100, "Zoë " * 25, "x" * 100, "tea " * 25, 'A "quoted" name, <or>', "=?utf-8?b?eA==?=", ""],
    ids=["chinese", "accents", "one word", "words", "signs", "encoded", "none"],
)
def test_names_and_subjects_of_any_script_and_length_arrive_on_lines_that_servers_take(name: str) -> None:
    sent = envelope(from_name=name, to_name=name, content=Content(f"{name}订单", "H", (Paragraph(name),)))
    assert max(map(len, composing.compose(sent).split(b"\r\n"))) < LINE_BYTES_MAX
    assert opened(sent).defects == []
    read = dict(composing.headers(sent))
    assert read["Subject"] == f"{name}订单"
    for header, address in (("From", sent.from_address), ("To", sent.to_address)):
        assert [x.addr_spec for x in opened(sent)[header].addresses] == [address]
        unquoted = re.sub(r'[\\"]', "", read[header])
        assert unquoted == (f"{name.strip()} <{address}>".replace('"', "") if name else address)


def test_a_merchants_own_address_is_named_as_such() -> None:
    message = opened(envelope(from_address="tea@merchant.example", reply_to="orders@merchant.example"))
    assert message["From"] == "Acme Tea <tea@merchant.example>"
    assert message["Sender"] == "shop@example.com"
    assert message["Reply-To"] == "Acme Tea <orders@merchant.example>"


def test_every_failure_that_is_told_has_words() -> None:
    assert set(FAILURES) >= {"outcome_unknown", "not_written", "no_address", "switched_off", "not_needed"}
