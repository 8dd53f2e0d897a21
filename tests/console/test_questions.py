"""What takes something away by one click asks before, or can be undone."""

import re
from collections.abc import Iterator
from pathlib import Path

import jiedan

FORM = re.compile(r"<form\b[^>]*?\baction=\"((?:{{.*?}}|[^\"])*)\"((?:{{.*?}}|{%.*?%}|[^>])*)>", re.DOTALL)
TAKES_AWAY = re.compile(r"remov|cancel|revo|discard|withdraw|delete|forget|end$|ending$")

ANSWERED = {
    "accounts/account.html /account/second-step/removal": "a code is asked for",
    "accounts/account.html /account/sessions/end": "who is signed out signs in again",
    "console/_order_forms.html /cancellations": "a dialog that says what becomes of it, and asks for the reason",
    "console/_orders_filters.html /orders/views/removal": "Undo",
    "console/_prices.html /removal": "Undo",
    "console/drafts.html /removal": "Undo",
    "console/promotion.html /removal": "Undo",
    "customers/group.html /members/removals": "who was ticked is found and put into the group again",
    "portal/_order_cancel.html /cancel": "a page of its own that says what is paid back",
    "portal/account.html /account/sessions/ending": "who is signed out signs in again",
}
"""Forms without a question of their own, by template and address without ids, and what stands for it."""

ASKING_MIN = 15


def forms() -> Iterator[tuple[str, bool]]:
    """Yield the name of each form that takes something away, and whether it asks before."""
    for path in sorted(Path(jiedan.__file__).parent.glob("*/templates/**/*.html")):
        place = f"{path.parent.name}/{path.name}"
        for action, rest in FORM.findall(path.read_text(encoding="utf-8")):
            parts = re.findall(r"/[a-z-]+(?:/[a-z-]+)*", action)
            if parts and TAKES_AWAY.search(parts[-1].rpartition("/")[2]):
                yield f"{place} {''.join(parts)}", "data-confirm=" in rest


def test_what_cannot_be_undone_asks_before() -> None:
    found = list(forms())
    silent = {name for name, asks in found if not asks}
    assert sum(asks for _, asks in found) >= ASKING_MIN
    assert silent == set(ANSWERED), sorted(silent ^ set(ANSWERED))
