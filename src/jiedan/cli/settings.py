"""`jiedan settings`: every setting, its value, where it came from."""

import dataclasses

from jiedan.base import settings as settings_
from jiedan.base.i18n import N_
from jiedan.cli import output

_HEADINGS = {"name": N_("Setting"), "value": N_("Value"), "source": N_("Source"), "meaning": N_("Meaning")}


def settings() -> None:
    """List every setting with its value and its source; secrets are masked."""
    described = settings_.described(settings_.load())
    rows = [dataclasses.asdict(each) | {"meaning": output.translated(each.meaning)} for each in described]
    output.table(rows, _HEADINGS)
