"""The seam to tax services: the merchant's own table answers as others would, and no answer is believed unchecked."""

from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.rules.taxes import charging, compiling


class TaxTable:
    """The merchant's own table as a tax service."""

    def __init__(self, rules: compiling.CompiledTaxes) -> None:
        self._rules = rules

    def tax(self, question: values.TaxQuestion) -> values.Taxed:
        """Return the tax of what is asked, from the table. Raises CannotPrice as `tax` does."""
        rules = self._rules._replace(prices_include_tax=question.prices_include_tax)
        return charging.tax(question.items, question.place, question.status, rules, question.at)


def problems_of_tax_answer(question: values.TaxQuestion, answer: values.Taxed) -> tuple[Refusal, ...]:
    """Return where an answer does not add up to what was asked: a service's arithmetic is its own."""
    if len(answer.items) != len(question.items):
        return (errors.TaxAnswerUnsound(field="items"),)
    wrong: list[str] = []
    for i, (asked, told) in enumerate(zip(question.items, answer.items, strict=True)):
        given = told.gross_minor if question.prices_include_tax else told.net_minor
        lowest = min(told.net_minor, told.relief_minor, *[min(x.minor, x.base_minor) for x in told.parts], 0)
        if (
            lowest < 0
            or max([part.base_minor for part in told.parts], default=0) > told.net_minor
            or told.net_minor + told.tax_minor != told.gross_minor
            or sum(part.minor for part in told.parts) != told.tax_minor
            or given + told.relief_minor != asked.amount_minor
        ):
            wrong.append(f"items[{i}]")
    sums = (
        (answer.net_minor, sum(item.net_minor for item in answer.items), "net_minor"),
        (answer.tax_minor, sum(item.tax_minor for item in answer.items), "tax_minor"),
        (answer.gross_minor, sum(item.gross_minor for item in answer.items), "gross_minor"),
        (sum(row.minor for row in answer.sums), answer.tax_minor, "sums"),
    )
    wrong += [name for told_sum, sum_of_items, name in sums if told_sum != sum_of_items]
    return tuple(errors.TaxAnswerUnsound(field=name) for name in wrong)
