"""Safety stock, low-stock thresholds, and how much to order."""

from collections.abc import Iterable

from jiedan.inventory import errors
from jiedan.inventory.values import QUANTITY_MAX, Thresholds, ThresholdsState


def refuse_thresholds(wanted: Thresholds) -> errors.InvalidThresholds | None:
    """Refuse levels that are no quantities, or a restock level that does not end the alarm."""
    levels = (wanted.safety_stock, wanted.low_threshold, wanted.restock_level)
    in_range = all(level is None or 0 <= level <= QUANTITY_MAX for level in levels)
    low, full = wanted.low_threshold, wanted.restock_level
    fits_together = full is None or (low is not None and full > low)
    return None if in_range and fits_together else errors.InvalidThresholds()


def is_low(state: ThresholdsState) -> bool:
    """Tell whether what is available is at the threshold or below."""
    low = state.thresholds.low_threshold
    return low is not None and state.counters.available <= low


def ran_low(*, before: int, after: int, low_threshold: int | None) -> bool:
    """Tell whether what is available crossed the threshold downwards: above it before, at or below it after."""
    return low_threshold is not None and after <= low_threshold < before


def suggested_quantity(*, available: int, incoming: int, low_threshold: int | None, restock_level: int | None) -> int:
    """Return how much to order: up to the restock level, counting what is on its way; 0 while stock is not low.

    Without a restock level stock is filled to twice the threshold, and to 1 above a threshold of 0.
    """
    if low_threshold is None or available > low_threshold:
        return 0
    level = restock_level if restock_level is not None else max(2 * low_threshold, 1)
    return max(level - available - incoming, 0)


def changed_fields(before: object, after: object, names: Iterable[str]) -> list[str]:
    """Return the names of the fields in which two values differ."""
    return [name for name in names if getattr(before, name) != getattr(after, name)]
