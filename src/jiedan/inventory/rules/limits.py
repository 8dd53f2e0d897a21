"""What is a quantity, what is a place on earth."""

from jiedan.base.errors import Refusal
from jiedan.inventory import errors
from jiedan.inventory.values import QUANTITY_MAX

LATITUDE_MAX = 90
LONGITUDE_MAX = 180


def refuse_coordinates(lat: float | None, lon: float | None) -> errors.InvalidCoordinates | None:
    """Refuse coordinates that are no place on earth, or half of one."""
    if lat is None and lon is None:
        return None
    if lat is not None and lon is not None and abs(lat) <= LATITUDE_MAX and abs(lon) <= LONGITUDE_MAX:
        return None
    return errors.InvalidCoordinates(field="lat")


def refuse_quantity(quantity: int, *, quantity_min: int = 1) -> Refusal | None:
    """Refuse what is no quantity of one operation."""
    if quantity_min <= quantity <= QUANTITY_MAX:
        return None
    return errors.InvalidQuantity(quantity, quantity_min, QUANTITY_MAX)
