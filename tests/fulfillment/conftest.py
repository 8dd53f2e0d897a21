"""A merchant at work."""

import pytest

from jiedan.base.db import Database, Scope
from tests.fulfillment.factories import Floor, floor


@pytest.fixture
async def at(db: Database, scope: Scope) -> Floor:
    """Return a merchant with tea at two places and cups at one, who waits for what is sold out."""
    return await floor(db, scope, {"TEA": {"W1": 10, "W2": 10}, "CUP": {"W1": 10}}, backorder=True)
