"""Requests that follow each other: what one answered, the next one asks for, as Schemathesis infers it."""

import asyncio
import contextlib
import os
from typing import Any

import hypothesis
import pytest
from schemathesis import Case
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import ensure_resource_availability, use_after_free

from jiedan.base.db import Database
from jiedan.base.web import document
from tests import enumerations
from tests.accounts import factories
from tests.api import generated, worlds
from tests.base import web_client

STORIES, STEPS = 12, 12
"""Chains of one run, and requests of one chain."""

RUNS_IN_PROOF = 20

KEPT = "/api/v1/api-keys/{api_key_id}"
"""Revoking a key keeps it, with the moment it ended: what was deleted is still read."""

COMES_AND_GOES = "/api/v1/price-rules/"
"""Rules of the draft go, and come back, by operations that are no DELETE: discarding it, sending a whole list of them,
publishing, withdrawing. So one that was just made may be away, and one that was deleted may be there."""


@pytest.mark.proof
async def test_no_chain_of_requests_ends_in_a_failure_or_an_undocumented_answer(
    api: web_client.Client, session_db: Database
) -> None:
    world = await worlds.build(api, session_db)
    key = await factories.api_key(session_db, world.at)
    own = str(key.api_key.api_key_id)
    sender = generated.Sender(api, key.credential)
    schema = generated.schema_of((await api.get(document.DOCUMENT_PATH)).json())
    made: Any = schema.as_state_machine()

    class Story(made):  # type: ignore[misc]  # Schemathesis makes the class from the document
        """One chain: each step is sent to the application and judged."""

        def call(self, case: Case[Any], **_: Any) -> Response:
            if own in case.path_parameters.values():
                case.path_parameters["api_key_id"] = world.ids["api_key_id"]  # a story must not end its own key
            return Response.from_any(sender.send(case))

        def validate_response(self, response: Response, case: Case[Any], *_: Any, **__: Any) -> None:
            more = [ensure_resource_availability, use_after_free]
            if case.operation.path == KEPT:
                more = [ensure_resource_availability]
            elif case.operation.path.startswith(COMES_AND_GOES):
                more = []
            sender.judge(case, response, more=more, recorder=self.recorder)

    whole = bool(os.environ.get(enumerations.REPORT))
    for number in range(RUNS_IN_PROOF if whole else 1):
        await asyncio.to_thread(_run, Story, enumerations.seed() + number)
    assert not sender.found, sender.report
    assert sender.sent > 50
    assert sum(1 for _ in enumerations.cases("requests that follow each other", range(sender.sent)))
    assert sum(count for status, count in sender.by_status.items() if status < 300) > 10


def _run(story: Any, seed: int) -> None:
    """Tell some stories; faults are noted by the sender, and end none of them."""
    options = hypothesis.settings(
        max_examples=STORIES,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    with contextlib.suppress(hypothesis.errors.Flaky):  # the merchant is not what it was when the story began alike
        hypothesis.seed(seed)(story).run(settings=options)
