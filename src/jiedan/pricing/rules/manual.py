"""How much was taken off by hand, and whether that is beyond what the roles of a person may take off."""

from collections.abc import Collection, Iterable

from jiedan.base.errors import Refusal
from jiedan.pricing import errors
from jiedan.pricing.values import units as values
from jiedan.pricing.values.carts import PPM


def manual_off_ppm(list_minor: int, manual_minor: int) -> int:
    """Return what a price by hand takes off the list price, in parts per million rounded up; 0 when it is higher.

    Rounded up, so that it is above a limit exactly when the reduction is, by however little.
    """
    if list_minor <= 0 or manual_minor >= list_minor:
        return 0
    return -(-(list_minor - manual_minor) * PPM // list_minor)


def manual_off(
    list_minor: int, manual_minor: int, limits: Iterable[values.ManualLimit], roles: Collection[str]
) -> values.ManualOff:
    """Return what was taken off and whether it is beyond the largest limit among the roles of a person.

    A person none of whose roles has a limit is not limited. For a discount give the goods with and without it.
    """
    own = [limit.rate_ppm for limit in limits if limit.role in roles]
    off, most = manual_off_ppm(list_minor, manual_minor), max(own, default=None)
    return values.ManualOff(off, most, most is not None and off > most)


def problems_of_manual_limit(limit: values.ManualLimit) -> tuple[Refusal, ...]:
    """Return what is wrong with a limit of prices by hand."""
    found = [
        name
        for name, is_fine in (("role", limit.role.strip()), ("rate_ppm", 0 <= limit.rate_ppm <= PPM))
        if not is_fine
    ]
    return tuple(errors.ManualLimitInvalid(field=name) for name in found)
