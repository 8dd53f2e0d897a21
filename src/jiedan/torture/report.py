"""The report of a torture, as people read it and as programs do. It names no machine and no folder."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from jiedan.torture.values import Report, StepResult, Truth

MARKDOWN, JSON = "torture.md", "torture.json"

_MARKS = {"passed": "passed", "failed": "**failed**", "skipped": "skipped"}


def write(report: Report, folder: Path) -> None:
    """Write both forms into a folder, which is made if it is missing. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKDOWN).write_text(markdown(report), encoding="utf-8")
    (folder / JSON).write_bytes(msgspec.json.format(msgspec.json.encode(report, enc_hook=str), indent=2) + b"\n")


def markdown(report: Report) -> str:
    """Return the report as Markdown."""
    return "\n".join([*_head(report), *_table(report.steps), "", *_details(report.steps)])


def _head(report: Report) -> Iterator[str]:
    yield "# What the torture found"
    yield ""
    yield f"`jiedan torture` with seed {report.seed}, {report.began_at:%Y-%m-%d}, {report.seconds / 60:.0f} minutes,"
    tree = f" (commit {report.commit})" if report.commit else ""
    yield f"Jiedan {report.version}{tree}, PostgreSQL {report.postgresql}, Python {report.python}, {report.machine}."
    yield "Each step has a merchant of its own and load before, while and after something breaks; then everything is"
    yield "drained, the books are checked (`jiedan verify`), and what clients were told is compared with what is stored"
    yield "and with what the card processor did. Of the times after which `/readyz` of a server told the truth the"
    yield "longest is named, and how many there were. [How to read it](../howto/torture.md)."
    yield ""


def _table(steps: list[StepResult]) -> Iterator[str]:
    yield "| Step | What breaks | Result | Requests | sent again | Orders | Payments | `/readyz` told the truth after |"
    yield "|---|---|---|--:|--:|--:|--:|---|"
    for step in steps:
        yield (
            f"| {step.name} | {step.title} | {_MARKS[step.outcome]} | {step.requests} | {step.failed_during} |"
            f" {step.orders_acked} | {step.payments_acked} | {_soonness(step.readiness)} |"
        )


def _soonness(truths: list[Truth]) -> str:
    if not truths:
        return ""
    soon = [x.after_s for x in truths if x.after_s is not None]
    longest = f"{max(soon):.1f} s" if len(soon) == len(truths) else "never"
    return f"{longest} ({len(truths)})"


def _told(truth: Truth) -> str:
    return f"{truth.what}: {'never' if truth.after_s is None else f'{truth.after_s:.1f} s'}"


def _details(steps: list[StepResult]) -> Iterator[str]:
    for step in steps:
        yield f"## {step.name}"
        yield ""
        if step.reason:
            yield f"Skipped: {step.reason}."
        else:
            counted = ", ".join(f"{count} {what}" for what, count in step.counts.items()) or "nothing to count"
            yield f"{step.seconds:.0f} s, seed {step.seed}: {counted}."
            yield from ([f"`/readyz`: {', '.join(map(_told, step.readiness))}."] if step.readiness else [])
            yield f"Drained in {step.drained_s:.1f} s; {step.checks} checks of the books."
        yield ""
        for finding in step.findings:
            yield f"- {finding}"
        if step.findings:
            yield ""
