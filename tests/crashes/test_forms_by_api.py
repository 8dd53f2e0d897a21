"""Forms that are said to do what a call of the API does write what it writes, statement by statement."""

import re
from pathlib import Path

import pytest

from tests import enumerations
from tests.conftest import Urls
from tests.crashes import calls, ground, on_forms_by_api, scenarios, unwalked
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

OF_THE_CALL = frozenset({"idempotency_key", "staff_session", "customer_session", "api_key"})
"""Tables of how something was asked for, and by whom: what was asked for twice is done once either way."""

SLICES = 16

_WRITE = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?([a-z_]+)")


@pytest.mark.proof
async def test_a_form_writes_what_its_call_writes(fresh_urls: Urls, tmp_path: Path) -> None:
    wrong = []
    async with ground.open_ground(fresh_urls, tmp_path) as at:
        before = await at.rest()
        for path, name in enumerations.cases("forms by calls", unwalked.AS_BY_API.items(), slices=SLICES):
            method, _, template = name.partition(" ")
            own = on_forms_by_api.BY_PATH[path].call
            stage = own or scenarios.CALLS.get((method, template)) or calls.plain(method, template)
            call = await stage(at)
            form = await on_forms_by_api.filled(at, path, template, call)
            moment = await at.rest()
            is_read = name in scenarios.READS
            by_call = _written(at, call, is_read=is_read)
            at.bring_back(moment)
            by_form = _written(at, form, is_read=is_read)
            if by_call != by_form:
                more, less = sorted(by_form - by_call), sorted(by_call - by_form)
                wrong.append(f"{path} writes not what {name} does:\n  + {more}\n  - {less}")
            at.bring_back(before)
    assert not wrong, "\n".join(wrong)


def test_every_form_by_a_call_is_compared() -> None:
    assert on_forms_by_api.BY_PATH.keys() == unwalked.AS_BY_API.keys()


def _written(at: Ground, work: Work, *, is_read: bool) -> frozenset[str]:
    """Do a piece of work, which must succeed, and return the statements that wrote something."""
    done = at.nursery.do(work)
    assert not done.error, f"{work.address}: {done.error}"
    written = {" ".join(text.split()) for text in done.sent if set(_WRITE.findall(text)) - OF_THE_CALL}
    if done.status >= 400 or not (written or is_read):  # a form says what was wrong with it
        return frozenset({f"answered {done.status} {done.content.decode()[:300]}", *written})
    return frozenset(written)
