"""The torture itself, short: a few steps on an installation of its own, as `jiedan torture` takes them."""

import json
from pathlib import Path

import pytest

from jiedan import cli
from jiedan.torture import registry, run
from jiedan.torture.run import Hearer, Plan
from jiedan.torture.stage import Pace, Step
from jiedan.torture.values import StepResult

BRIEF = ("kill-api", "kill-database", "commit-ambiguity")
PACE = Pace(load_s=1.5, fault_s=3.0, patience=10.0)
"""On a busy machine; how soon `/readyz` tells the truth is judged where it is quiet."""


async def test_nothing_is_lost_when_processes_die_and_replies_are_cut() -> None:
    heard: list[Step | StepResult] = []
    plan = Plan([registry.BY_NAME[name] for name in BRIEF], seed=1, pace=PACE, last_look=False)
    found = await run.run(plan, Hearer(heard.append, heard.append))
    assert {step.name: step.findings for step in found.steps} == {name: [] for name in BRIEF}
    assert [(x.name, type(x)) for x in heard] == [(name, kind) for name in BRIEF for kind in (Step, StepResult)]
    for step in found.steps:
        assert step.outcome == "passed"
        assert step.orders_acked > 0
        assert step.checks > 50
    assert sum(step.failed_during for step in found.steps) > 0, "no fault was felt"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("torture no-such-step", "There is no step no-such-step: choose among kill-api, kill-worker"),
        ("torture kill-api --minutes 0", "--minutes must be above 0 and at most 1440."),
    ],
)
def test_what_it_cannot_do_is_said_before_anything_is_started(
    typed: str, said: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert cli.run(typed.split()) == 2
    assert capfd.readouterr().err.startswith(said)


def test_its_report_is_written_where_it_is_asked_for_and_a_failure_is_an_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No step begins after the time is over, so this one is left out, and says so."""
    assert (
        cli.run(["torture", "--json", "kill-api", "--minutes", "0.00000001", "--seed", "7", "--report", str(tmp_path)])
        == 0
    )
    (step,) = json.loads(capfd.readouterr().out)["steps"]
    assert (step["outcome"], step["reason"], step["seed"]) == ("skipped", "the time was over", 8)
    assert json.loads((tmp_path / "torture.json").read_text())["steps"] == [step]
    assert "Skipped: the time was over." in (tmp_path / "torture.md").read_text()
