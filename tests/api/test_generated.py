"""Requests that Schemathesis makes from the document, right and wrong ones: no 5xx, no undocumented answer.

What is wrong by the document must be refused, and answers must be what the document says, to their headers.
"""

import asyncio
import os
from typing import Any

import hypothesis
import pytest
from schemathesis import GenerationMode

from jiedan.base.db import Database
from jiedan.base.web import document
from tests import enumerations
from tests.accounts import factories
from tests.api import generated, worlds
from tests.base import web_client
from tests.security import crossing

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
REQUESTS = 3
"""Of each operation, in one mode; the next operation gets the other one."""

REQUESTS_IN_PROOF = 50
"""Of each operation, in each mode."""


@pytest.mark.proof
async def test_no_answer_is_a_failure_or_undocumented(api: web_client.Client, session_db: Database) -> None:
    world = await worlds.build(api, session_db)
    key = await factories.api_key(session_db, world.at)  # the one in `world` may be revoked on the way
    made = (await api.get(document.DOCUMENT_PATH)).json()
    sender = generated.Sender(api, key.credential)
    whole = bool(os.environ.get(enumerations.REPORT))
    operations = generated.operations_of(generated.schema_of(made))
    assert len(operations) == sum(len(item) for item in made["paths"].values()) - len(
        crossing.STREAMS & made["paths"].keys()
    )
    for number, operation in enumerate(operations):
        given = {name: world.ids[name] for name in crossing.PARAMETER.findall(operation.path)}
        for mode in MODES if whole else (MODES[(number + enumerations.seed()) % 2],):
            strategy = operation.as_strategy(generation_mode=mode, path_parameters=given or None)
            before = sender.sent
            await asyncio.to_thread(_run, strategy, sender, REQUESTS_IN_PROOF if whole else REQUESTS)
            assert sender.sent > before or mode is GenerationMode.NEGATIVE, f"{operation.label} was not asked"
    assert not sender.found, sender.report
    assert sender.sent > 300
    assert sum(1 for _ in enumerations.cases("requests made from the document", range(sender.sent)))


def _run(strategy: Any, sender: generated.Sender, limit: int) -> None:
    """Let Hypothesis make requests, the same ones every time for one commit."""
    options = hypothesis.settings(
        max_examples=limit,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    @hypothesis.seed(enumerations.seed())
    @options
    @hypothesis.given(case=strategy)
    def run(case: Any) -> None:
        sender.judge(case, sender.send(case))

    try:
        run()
    except hypothesis.errors.Unsatisfiable:
        return  # nothing wrong can be said to an operation that takes nothing
