"""Logs: one line per event, with its circumstances, without secrets and personal data."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from jiedan.base import log


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    log.configure(style="json", stream=stream)
    yield stream
    logging.getLogger().handlers[:] = before[0]
    logging.getLogger().setLevel(before[1])
    structlog.reset_defaults()


def only(lines: io.StringIO) -> dict[str, Any]:
    (line,) = lines.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_carries_the_request_the_tenant_and_the_actor(lines: io.StringIO) -> None:
    before = structlog.contextvars.get_contextvars()
    with log.context(request_id="r1", tenant="t1", actor="staff:7"):
        structlog.get_logger("jiedan.orders").info("order placed", order="SO-1", lines=3)
    line = only(lines)
    assert {key: line[key] for key in ("event", "order", "lines", "request_id", "tenant", "actor", "level")} == {
        "event": "order placed",
        "order": "SO-1",
        "lines": 3,
        "request_id": "r1",
        "tenant": "t1",
        "actor": "staff:7",
        "level": "info",
    }
    assert line["timestamp"].endswith("Z")
    assert structlog.contextvars.get_contextvars() == before


def test_libraries_log_in_the_same_shape(lines: io.StringIO) -> None:
    logging.getLogger("somebody").warning("pool of %d is full", 10)
    assert only(lines)["event"] == "pool of 10 is full"


def test_what_is_below_the_level_is_not_logged(lines: io.StringIO) -> None:
    structlog.get_logger("jiedan").debug("too small to matter")
    assert lines.getvalue() == ""


@pytest.mark.parametrize(
    "key", ["password", "api_key", "Authorization", "access-token", "phone", "email", "shipping_address", "cookie"]
)
def test_secrets_and_personal_data_are_masked_by_key(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("jiedan").info("x", **{key: "13912345678"}, nested={"more": [{key: {"deep": "13912345678"}}]})
    assert "13912345678" not in lines.getvalue()
    assert only(lines)["nested"] == {"more": [{key: log.MASK}]}


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("GET with Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("key jd_0190aaaa-bbbb_S3cretS3cret refused", "S3cretS3cret"),
        ("cannot connect to postgresql://app:hunter2@db/jiedan", "hunter2"),
        ("mail to zhang.wei@example.com bounced", "zhang.wei"),
        ("GET /s/tea/placed/AZNKS6-0_w1x?pay=now answered", "AZNKS6-0_w1x"),
        ("POST /s/tea/placed/AZNKS6-0_w1x/payments answered", "AZNKS6-0_w1x"),
        ("GET /s/tea/orders/7?lang=en&ticket=AZNKS6-0_w1x", "AZNKS6-0_w1x"),
        ("GET /s/tea/link?token=AZNKS6-0_w1x answered", "AZNKS6-0_w1x"),
        ("duplicate key\nDETAIL:  Key (name)=(张伟) already exists.", "张伟"),
    ],
)
def test_secrets_and_personal_data_are_masked_inside_texts(lines: io.StringIO, text: str, leak: str) -> None:
    structlog.get_logger("jiedan").error(text, tried=[text])
    assert leak not in lines.getvalue()
    assert log.MASK in only(lines)["event"]


def test_a_traceback_is_one_line_and_masked(lines: io.StringIO) -> None:
    try:
        int("zhang.wei@example.com")
    except ValueError:
        structlog.get_logger("jiedan").exception("bug")
    line = only(lines)
    assert "ValueError" in line["exception"]
    assert "zhang.wei" not in line["exception"]


def test_a_traceback_on_a_terminal_shows_no_values(lines: io.StringIO) -> None:
    log.configure(style="console", stream=lines)
    authorization = "Bearer jd_0193a000_a-secret-of-somebody"
    try:
        int(f"{authorization} of wang.min@example.com")
    except ValueError as error:
        structlog.get_logger().error("bug", exc_info=error)
    shown = lines.getvalue()
    assert "ValueError" in shown
    assert "a-secret-of-somebody" not in shown
    assert "wang.min" not in shown


def test_chinese_stays_readable(lines: io.StringIO) -> None:
    structlog.get_logger("jiedan").info("订单已接单")
    assert "订单已接单" in lines.getvalue()
