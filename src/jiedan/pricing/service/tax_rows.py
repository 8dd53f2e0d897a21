"""Write many tax rates into the draft at once: thousands of places come from a file. Nothing is published."""

from collections.abc import Sequence
from typing import Literal

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.pricing import events, queries, values
from jiedan.pricing.errors import drafts as draft_errors
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.service import writing
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import RuleId, RuleKey, WrittenRule

Row = Literal["created", "updated", "unchanged"] | tuple[Refusal, ...]


async def write_tax_rates(tx: Tx, *, rates: Sequence[values.TaxRate]) -> list[Row]:
    """Write tax rates into the draft: one outcome per rate, in order; the same rate again changes nothing.

    A rate is over the one of the same place, class, name and beginning, whose examples it keeps. What rates are beside
    each other is judged when the draft is published. At most four statements, however many rates.
    """
    if not rates:
        return []
    await writing.claim(tx)
    keys = [RuleKey("tax_rate", rules.code_of("tax_rate", rate)) for rate in rates]
    present, count = await tx.load(
        queries.rules_by_code("tax_rate", {key.code for key in keys}), queries.rule_count(most=drafts.RULES_MAX + 1)
    )
    before = {rule.key: rule for rule in present}
    now = {rule.key: WrittenRule(rule.body, rule.examples) for rule in present}
    outcomes: list[Row] = []
    fresh: dict[RuleKey, RuleId] = {}
    for key, rate in zip(keys, rates, strict=True):
        problems = rules.problems_of_rule("tax_rate", rate, key.code)
        if problems:
            outcomes.append(problems)
        elif key not in now and count + len(fresh) >= drafts.RULES_MAX:
            outcomes.append((draft_errors.TooManyRules(drafts.RULES_MAX),))
        elif key not in now:
            fresh[key] = RuleId(tx.new_id())
            now[key] = WrittenRule(rate, ())
            outcomes.append("created")
        elif now[key].body == rate:
            outcomes.append("unchanged")
        else:
            now[key] = now[key]._replace(body=rate)
            outcomes.append("updated")
    changed = {key: rule for key, rule in now.items() if key in fresh or rule.body != before[key].body}
    await writing.write_rules(tx, changed, ids=fresh)
    tx.emit(
        *[events.PriceRuleAdded(rule_id=fresh[key], rule_kind="tax_rate", code=key.code) for key in fresh],
        *[
            events.PriceRuleChanged(
                rule_id=old.rule_id,
                rule_kind="tax_rate",
                code=key.code,
                version=old.version + 1,
                fields=rules.fields_changed(WrittenRule(old.body, old.examples), changed[key]),
            )
            for key, old in before.items()
            if key in changed
        ],
    )
    return outcomes
