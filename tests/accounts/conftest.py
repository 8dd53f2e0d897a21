"""Passwords that are hashed cheaply and counted."""

from collections.abc import Iterator

import pytest

from jiedan.accounts import service
from tests.accounts import factories


@pytest.fixture
def hasher() -> factories.CountingHasher:
    """Return the hasher behind `passwords`."""
    return factories.CountingHasher()


@pytest.fixture
def passwords(hasher: factories.CountingHasher) -> Iterator[service.Passwords]:
    """Return the process's passwords, counted by `hasher`."""
    made = service.Passwords(hasher)
    yield made
    made.close()
