"""What a bulk job needs to know before it begins. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from jiedan.base.i18n import N_, Phrase
from jiedan.bulk import errors
from jiedan.bulk.values import CHOSEN_MAX, DEEDS, Action, Chosen, Wish
from jiedan.orders.values.lists import OrderFilter

NEEDED: Mapping[str, str] = MappingProxyType(
    {"reason": N_("Reason"), "tag": N_("Tag"), "note": N_("Note"), "assignee_id": N_("Person")}
)
"""What the fields are called that an action may need."""


def check(action: Action, wish: Wish, *, chosen: Sequence[Chosen], filters: OrderFilter | None) -> None:
    """Refuse what cannot be begun. Raises NothingChosen, TooManyChosen, WishIncomplete."""
    if bool(chosen) == (filters is not None):
        raise errors.NothingChosen(field="order_ids")
    if len(chosen) > CHOSEN_MAX:
        raise errors.TooManyChosen(CHOSEN_MAX, field="order_ids")
    for name in DEEDS[action].needs:
        given = getattr(wish, name)
        if not (given.strip() if isinstance(given, str) else given):
            raise errors.WishIncomplete(Phrase(NEEDED[name]), field=name)


def once(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Return each order once, as it was named first."""
    found: dict[object, Chosen] = {}
    for each in chosen:
        found.setdefault(each.order_id, each)
    return list(found.values())
