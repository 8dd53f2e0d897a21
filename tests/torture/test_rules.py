"""What the audit of a torture makes of what it sees: nothing here starts anything."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from jiedan.cli import torture
from jiedan.torture import audit, origin, processes, registry, report
from jiedan.torture.installation import Server
from jiedan.torture.processes import Program
from jiedan.torture.stage import Moment
from jiedan.torture.told import TROUBLES_KEPT_MAX, Acked, Told, Trouble
from jiedan.torture.values import Report, StepResult, Truth
from jiedan.torture.watching import Look, Watch, Watches


def test_every_step_has_a_name_and_a_title_of_its_own() -> None:
    assert (
        len({step.name for step in registry.STEPS})
        == len({step.title for step in registry.STEPS})
        == len(registry.STEPS)
    )


def test_every_step_has_its_time_where_nobody_says_how_long() -> None:
    assert sum(step.seconds + torture.FAULT_S_MIN for step in registry.STEPS) <= torture.MINUTES * 60


def test_one_key_leads_to_one_order_and_to_one_payment() -> None:
    told = Told()
    first, second = (Acked(uuid4(), number, 100, {"A": 1}) for number in ("1", "2"))
    told.acked("k", first)
    told.acked("k", first)
    assert told.contradictions == []
    told.acked("k", second)
    told.paid("p", UUID(int=1))
    told.paid("p", UUID(int=2))
    assert len(told.contradictions) == 2


def test_a_500_is_a_bug_at_any_time_and_a_503_only_after_the_healing() -> None:
    told = Told()
    for phase, status in (("fault", 500), ("fault", 503), ("after", 503), ("after", 0), ("after", 409)):
        told.trouble(Trouble(0.0, phase, "place", f"{status}", status))  # type: ignore[arg-type]  # phases are literals
    assert [x.status for x in told.bugs] == [500]
    assert [x.status for x in told.late_troubles] == [503, 0]
    assert told.failed_in("fault") == 2


def test_what_nothing_explains_is_not_lost_among_what_a_fault_explains() -> None:
    told = Told()
    for _ in range(TROUBLES_KEPT_MAX):
        told.trouble(Trouble(0.0, "fault", "place", "503", 503))
    told.trouble(Trouble(0.0, "fault", "place", "500", 500))
    told.trouble(Trouble(0.0, "after", "read", "503", 503))
    assert (len(told.bugs), len(told.late_troubles)) == (1, 1)


def operation(key: str, *, state: str, kind: str = "sale", minor: int = 100, account: str = "us") -> str:
    answer = {"key": key, "state": state, "amount_minor": minor}
    return json.dumps(
        {"type": "Operation", "account": account, "charge": "ch", "ask": {"kind": kind}, "answer": answer}
    )


def test_what_the_processor_moved_is_its_last_word_on_each_key(tmp_path: Path) -> None:
    lines = [
        operation("a", state="pending"),
        operation("a", state="succeeded"),
        operation("b", state="failed"),
        operation("c", state="succeeded", kind="refund", minor=30),
        operation("d", state="succeeded", account="others"),
        operation("e", state="succeeded")[:40],  # it was killed while it wrote
    ]
    file = tmp_path / "sandbox.jsonl"
    assert list(audit.moves(file, "us")) == []
    file.write_text("\n".join(lines))
    assert [(x.key, x.amount_minor) for x in audit.moves(file, "us")] == [("a", 100), ("c", -30)]


@pytest.mark.parametrize(("after_s", "is_kept"), [(2.9, True), (3.1, False), (None, False)])
def test_a_truth_that_comes_late_is_none(after_s: float | None, *, is_kept: bool) -> None:
    assert Truth("ready", after_s, 3.0).is_kept is is_kept


def test_the_report_names_what_failed_and_why_something_was_skipped() -> None:
    steps = [
        StepResult(name="one", title="it breaks", outcome="failed", seed=1, findings=["order 7 is lost"]),
        StepResult(name="two", title="it is slow", outcome="passed", seed=2, readiness=[Truth("ready", 0.5, 3.0)]),
        StepResult(name="three", title="it is full", outcome="skipped", seed=3, reason="needs root"),
    ]
    found = Report(
        version="1", commit="abc+", postgresql="18", python="3.11", machine="Linux",
        began_at=datetime(2026, 1, 2, tzinfo=UTC), seconds=60, seed=0, steps=steps,
    )  # fmt: skip
    assert found.has_failed
    text = report.markdown(found)
    assert "- order 7 is lost" in text
    assert "Skipped: needs root." in text
    assert "| two | it is slow | passed |" in text
    assert "| 0.5 s (1) |" in text
    assert "`/readyz`: ready: 0.5 s." in text
    assert "Jiedan 1 (commit abc+), PostgreSQL 18" in text


def test_a_report_names_the_commit_of_the_tree_it_ran_from(tmp_path: Path) -> None:
    assert origin.commit(tmp_path) == ""

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *who, *arguments],  # noqa: S607 - git is git
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    git("init")
    file = tmp_path / "src" / "a.py"
    file.parent.mkdir()
    file.touch()
    git("add", ".")
    git("commit", "-m", "one")
    assert origin.commit(tmp_path) == git("rev-parse", "HEAD")
    file.write_text("1")
    assert origin.commit(tmp_path) == git("rev-parse", "HEAD") + "+"


def looks(*said: tuple[float, int]) -> Watch:
    """Return a watch that asked at these moments and was answered this a tenth of a second later; 0 is nothing."""
    server = Server(Program("serve", [], {}, log=Path("log")), 1)
    return Watch(server, [Look(at, at + 0.1, status, str(status)) for at, status in said])


def test_a_dead_port_is_no_answer_unless_it_was_meant() -> None:
    watch = looks((0, 200), (1, 0), (2, 503), (3, 200))
    assert watch.turned(Moment("not ready", to_ready=False, since_s=0.5)) == pytest.approx(1.6)
    assert watch.turned(Moment("not ready", to_ready=False, since_s=0.5, may_be_dead=True)) == pytest.approx(0.6)
    assert watch.turned(Moment("not ready", to_ready=False, since_s=2.5)) is None


def test_how_soon_a_server_is_ready_that_was_ended_is_told_from_its_first_answer() -> None:
    watch = looks((0, 0), (5, 0), (6, 503), (7, 200))
    assert watch.turned(Moment("ready", to_ready=True, since_s=0)) == pytest.approx(7.1)
    assert watch.turned(Moment("ready", to_ready=True, since_s=0, may_be_dead=True)) == pytest.approx(1.1)


def test_a_server_that_says_it_is_not_ready_is_found_out_where_it_was_ready_before() -> None:
    watch = looks((0, 503), (1, 200), (2, 503), (3, 0), (4, 200), (5, 503), (6, 503))
    assert [(x.since_s, x.until_s, x.said) for x in watch.not_ready(from_s=0, to_s=10)] == [
        (2, 4, "503"),
        (5, pytest.approx(6.1), "503"),
    ]
    assert [x.since_s for x in watch.not_ready(from_s=0, to_s=4.5, is_silence_meant=True)] == [2]
    assert list(watch.not_ready(from_s=3.5, to_s=4.5)) == []


def test_truths_are_told_of_every_server_that_was_there() -> None:
    watches = Watches([])
    watches.of = [looks((0, 503), (3, 200)), looks((0, 503), (4, 200)), looks((2, 200))]
    found = watches.truths([Moment("ready", to_ready=True, since_s=1)], limit_s=3)
    assert [(x.what, x.after_s, x.is_kept) for x in found] == [
        ("ready, server 1", 2.1, True),
        ("ready, server 2", 3.1, False),
    ]


def test_what_ended_is_found_out_unless_it_was_to_end_or_is_there_no_more() -> None:
    before: processes.Living = {
        ("serve", "a"): frozenset({1}),
        ("api", "a"): frozenset({2, 3}),
        ("worker", "b"): frozenset({4}),
        ("worker", "c"): frozenset({5}),
    }
    after: processes.Living = {
        ("serve", "a"): frozenset({1}),
        ("api", "a"): frozenset({3, 6}),
        ("worker", "b"): frozenset(),
    }
    assert processes.ended(before, after) == [("api", "a"), ("worker", "b")]
    assert processes.ended(before, after, but={"worker"}) == [("api", "a")]
