"""What a notice is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.events import Event, StoredEvent
from jiedan.notifications.values import NewNotice

Facts = Mapping[str, Any]


class NoticeKind(NamedTuple):
    """A kind of notice: `causes` are told by `tell`, which returns what is to be put up.

    `label` and `text` are message ids, the latter filled from the notice's data; `words_by_fact` are messages for
    facts that are codes. `path` is the page below `/c/{slug}` that it leads to. `permission` is that of those it is
    for, empty where each is for somebody else.
    """

    kind: str
    label: str
    text: str
    icon: str
    permission: str
    causes: tuple[type[Event], ...]
    tell: Callable[[ReadTx, Sequence[StoredEvent]], Awaitable[list[NewNotice]]]
    path: Callable[[UUID, Facts], str]
    words_by_fact: Mapping[str, Mapping[str, str]] = {}

    def words(self, locale: str, data: Facts) -> str:
        """Return what it says, in a language."""
        said = {
            name: i18n.gettext(locale, self.words_by_fact[name].get(value, str(value)))
            for name, value in data.items()
            if name in self.words_by_fact
        }
        return i18n.translate(locale, self.text, **{**data, **said})
