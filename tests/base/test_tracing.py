"""Traces reach a collector when one is named; without one nothing of the extra is loaded."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from jiedan.base import tracing
from jiedan.base.settings import Settings

ENDPOINT = "JIEDAN_TRACING_ENDPOINT"


class Collected(NamedTuple):
    """What a collector was sent: the paths, and the bodies in protobuf, in which texts stand as they are."""

    url: str
    paths: list[str]
    bodies: list[bytes]


@pytest.fixture
def collector() -> Iterator[Collected]:
    """Run a collector of OTLP over HTTP that keeps what it is sent."""
    paths: list[str] = []
    bodies: list[bytes] = []

    class Keep(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keep) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Collected(f"http://127.0.0.1:{server.server_address[1]}", paths, bodies)
        server.shutdown()


@pytest.fixture(autouse=True)
def switched_off() -> Iterator[None]:
    """Leave no tracer to other tests."""
    yield
    tracing.shutdown()


def test_spans_reach_the_collector_under_the_name_of_the_service(
    collector: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.sdk.trace", reason="the extra jiedan[otel] is not installed")
    monkeypatch.setenv(ENDPOINT, f"{collector.url}/")
    tracing.configure(Settings(), service="jiedan-api")
    with (
        tracing.span("place_orders", drafts=3, channel="till"),
        tracing.span("save", path="/s/tea/placed/AZNKS6-0_w1x"),
    ):
        pass
    tracing.shutdown()
    assert collector.paths == ["/v1/traces"]
    (body,) = collector.bodies
    assert all(text in body for text in (b"jiedan-api", b"place_orders", b"drafts", b"till", b"save"))
    assert b"AZNKS6-0_w1x" not in body


def test_a_share_of_nothing_sends_nothing(collector: Collected, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.sdk.trace", reason="the extra jiedan[otel] is not installed")
    monkeypatch.setenv(ENDPOINT, collector.url)
    monkeypatch.setenv("JIEDAN_TRACING_SAMPLE_RATIO", "0")
    tracing.configure(Settings(), service="jiedan-api")
    with tracing.span("place_orders"):
        pass
    tracing.shutdown()
    assert collector.bodies == []


def test_without_a_collector_nothing_of_the_extra_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    program = """
import sys
from jiedan.base import tracing
from jiedan.base.settings import Settings
tracing.configure(Settings(), service="jiedan-api")
with tracing.span("place_orders", drafts=3):
    print(any(name.startswith("opentelemetry") for name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"
