"""How points are earned, and what they pay."""

from collections.abc import Sequence

from jiedan.accounts import service as accounts
from jiedan.base import money, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.wallets import errors, events, queries
from jiedan.wallets.service import adjust
from jiedan.wallets.values import LoyaltyRule

SQL = sql.load("jiedan.wallets.service", "loyalty.sql")


async def set_loyalty_rules(tx: Tx, *, rows: Sequence[LoyaltyRule]) -> list[LoyaltyRule]:
    """Set how points are earned and what they pay, and return all rules then.

    Currencies that are not named keep theirs. 0 points end earning in a currency, 0 that pay end paying. What is set as
    it was is no change. A row with a version changes just that one. Raises StaleVersion, UnitInvalid naming each
    currency that is none, and TooManyRows.
    """
    adjust.refuse_many(rows)
    problems: list[Refusal] = [
        errors.UnitInvalid(row.currency, field=f"rules[{i}].currency")
        for i, row in enumerate(rows)
        if not money.is_currency(row.currency)
    ]
    if problems:
        raise one_of(problems)
    by_currency = {row.currency: row for row in rows}
    good = [by_currency[currency] for currency in sorted(by_currency)]
    changed = await tx.sql(
        SQL["upsert_loyalty_rules"],
        currencies=[row.currency for row in good],
        points=[row.points for row in good],
        steps_minor=[row.step_minor for row in good],
        lives_days=[row.lives_days for row in good],
        pays_points=[row.pays_points for row in good],
        pays_minor=[row.pays_minor for row in good],
        pays_points_min=[row.pays_points_min for row in good],
        pays_share_percent=[row.pays_share_percent for row in good],
        now=tx.now,
    )
    for currency, version in changed:
        expected = by_currency[currency].version
        if expected and version != expected + 1:
            await accounts.check_version(
                tx, subject_id=tx.tenant, kind=events.LoyaltyRuleChanged.kind, current=version - 1, expected=expected
            )
    tx.emit(
        *(
            events.LoyaltyRuleChanged(merchant_id=tx.tenant, **rule._asdict())
            for rule in (by_currency[currency]._replace(version=version) for currency, version in sorted(changed))
        )
    )
    return await queries.loyalty_rules(tx)
