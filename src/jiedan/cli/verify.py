"""`jiedan verify`: check the books of one merchant or of all."""

from collections.abc import AsyncIterator

import msgspec

from jiedan.accounts import errors
from jiedan.base import directory, i18n, verify
from jiedan.base.db import Database, Scope
from jiedan.base.directory import Entry
from jiedan.base.i18n import N_
from jiedan.base.verify import Finding
from jiedan.cli import output, runtime

EXIT_DIVERGING = 1

_HEADINGS = {
    "merchant": N_("Merchant"),
    "check": N_("Check"),
    "rows": N_("Diverging rows"),
    "first": N_("The first of them"),
}


class Report(msgspec.Struct, frozen=True):
    """What the checks found at one merchant; without findings the books balance."""

    merchant: str
    checks: int
    findings: list[Finding]


async def check(merchant: str | None = None) -> int:
    """Check the books: totals, stock, money, numbers, events. Reads only; exits with 1 when anything diverges.

    Parameters
    ----------
    merchant
        Slug of the merchant to check; without it all are.

    """
    checks = verify.checks()
    reports = []
    async with runtime.running() as jiedan:
        found = [entry async for entry in _entries(jiedan.database) if merchant in {None, entry.slug}]
        if merchant is not None and not found:
            raise errors.MerchantUnknown(merchant, field="merchant")
        with output.progress(N_("Checking the books"), total=len(found) * len(checks)) as advance:
            for entry in found:
                async with jiedan.database.read(Scope(entry.tenant)) as tx:
                    findings = await verify.run(tx, checks, progress=lambda _: advance(1))
                reports.append(Report(entry.slug, len(checks), findings))
    _print(reports)
    return EXIT_DIVERGING if any(report.findings for report in reports) else 0


async def _entries(database: Database) -> AsyncIterator[Entry]:
    after = ""
    while found := await directory.entries(database, after=after):
        for entry in found:
            yield entry
        after = found[-1].slug


def _print(reports: list[Report]) -> None:
    if output.is_json():
        output.result(reports)
        return
    rows = [
        {
            "merchant": report.merchant,
            "check": finding.check,
            "rows": finding.count,
            "first": ", ".join(f"{name}={value}" for name, value in finding.rows[0].items()),
        }
        for report in reports
        for finding in report.findings
    ]
    if rows:
        output.table(rows, _HEADINGS)
        return
    said = i18n.ngettext(
        output.locale(),
        "The books balance: {checks} checks, {merchants} merchant.",
        "The books balance: {checks} checks, {merchants} merchants.",
        len(reports),
    )
    output.result(None, said, checks=sum(report.checks for report in reports), merchants=len(reports))
