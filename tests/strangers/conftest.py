"""The application and a merchant with one of everything; and one in which every text says what a stranger typed."""

from tests.api.conftest import api, world
from tests.strangers.typed import typed

__all__ = ["api", "typed", "world"]
