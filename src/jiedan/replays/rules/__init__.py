"""Decisions of replays: which rules are tried, what is summed up of orders, and what nobody can know. Pure."""

from jiedan.replays.rules.summing import as_begun, check, check_days, of_one_version, rows, summed, yet_to_begin
from jiedan.replays.rules.telling import currencies, notes

__all__ = [
    "as_begun",
    "check",
    "check_days",
    "currencies",
    "notes",
    "of_one_version",
    "rows",
    "summed",
    "yet_to_begin",
]
