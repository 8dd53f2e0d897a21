"""How forms end: what was asked is done, or its refusal stands on the form that is shown again."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from jiedan.base.errors import NotFound, Refusal
from jiedan.base.web.forms import Filled

T = TypeVar("T")


async def tried(
    form: Filled[Any], work: Callable[[], Awaitable[T]], refuse: Callable[[Refusal], None] | None = None
) -> T | None:
    """Return what the work comes to; None where it is refused, with the reasons on the form.

    Raises NotFound: there is no form to show of what is not there.
    """
    try:
        return await work()
    except NotFound:
        raise
    except Refusal as refusal:
        (refuse or form.refuse)(refusal)
        return None


def is_refused(form: Filled[Any]) -> bool:
    """Tell whether anything is wrong with a form."""
    return bool(form.above or form.errors_by_field)
