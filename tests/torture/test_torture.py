"""The torture itself, short: a few steps on an installation of its own, as `jiedan torture` takes them."""

import json
from pathlib import Path

import pytest

from jiedan import cli
from jiedan.torture import registry, run
from jiedan.torture.run import Hearer, Plan
from jiedan.torture.stage import Pace, Step
from jiedan.torture.values import StepResult
from tests import enumerations

ALWAYS = "kill-api"
OTHERS = [step for step in registry.STEPS if step.name != ALWAYS]
SECONDS_MAX = 90
"""What the two others may take together beside their faults, as they say themselves."""

PACE = Pace(load_s=1.5, fault_s=3.0, patience=10.0, is_brief=True)
"""On a busy machine; how soon `/readyz` tells the truth is judged where it is quiet."""


def chosen(seed: int) -> list[Step]:
    """Return one step, which is always taken, and two that the code chooses: over time each of them is."""
    first = OTHERS[seed % len(OTHERS)]
    beside = [x for x in OTHERS if x is not first and x.seconds + first.seconds <= SECONDS_MAX]
    return [registry.BY_NAME[ALWAYS], first, *beside[seed // len(OTHERS) % max(len(beside), 1) :][:1]]


def test_every_step_is_chosen_by_some_code() -> None:
    steps = {step.name for seed in range(len(OTHERS) ** 2) for step in chosen(seed)}
    assert steps == set(registry.BY_NAME)
    assert all(sum(step.seconds for step in chosen(seed)[1:]) <= SECONDS_MAX for seed in range(len(OTHERS) ** 2))


async def test_nothing_is_lost_by_what_breaks_today() -> None:
    """Three steps, two of them chosen by the code; all of them are `jiedan torture`."""
    heard: list[Step | StepResult] = []
    steps = chosen(enumerations.seed())
    names = [step.name for step in steps]
    found = await run.run(
        Plan(steps, seed=1, pace=PACE, last_look=False), Hearer(begins=heard.append, ended=heard.append)
    )
    assert {step.name: step.findings for step in found.steps} == {name: [] for name in names}
    assert [(x.name, type(x)) for x in heard] == [(name, kind) for name in names for kind in (Step, StepResult)]
    for step in found.steps:
        if step.outcome == "skipped":
            print(f"{step.name} is left out: {step.reason}")  # noqa: T201 - for who reads why
            assert registry.BY_NAME[step.name].has_small_disk
            continue
        assert step.outcome == "passed"
        assert step.orders_acked > 0
        assert step.checks > 50
    killed = found.steps[0]
    assert killed.counts["api processes killed"] > 5
    assert killed.counts["killed alone, while another served"] == 4
    assert killed.failed_during > 0, "no fault was felt"


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
