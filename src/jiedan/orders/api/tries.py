"""Who tries codes by a REST call."""

from jiedan.base.web.unit import Unit
from jiedan.orders.service import CodeTries


def of(unit: Unit) -> CodeTries:
    """Return where the codes of a call are counted."""
    return CodeTries(unit.runtime.database, unit.scope, unit.principal.caller, unit.network)
