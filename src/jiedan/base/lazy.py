"""Late imports: extras, third-party adapters and what few runs need, loaded when something asks for it by name.

The core starts small: nothing here runs until a feature that needs an extra is switched on.
"""

import dataclasses
import importlib
import importlib.metadata
from types import ModuleType
from typing import Any, ClassVar

from jiedan.base import failures
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class ExtraMissing(failures.Failure):
    """A feature is switched on and the extra that brings it is not installed."""

    message: ClassVar[str] = N_("{feature} needs the extra {extra}: install it with `pip install jiedan[{extra}]`.")

    feature: str
    extra: str


def module(name: str, *, extra: str, feature: str) -> ModuleType:
    """Return the module `name`, which the extra `extra` brings and `feature` needs.

    Raises ExtraMissing.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise  # the extra is there and broken: a bug, not a missing package
        raise ExtraMissing(feature=feature, extra=extra) from error


def own(name: str) -> Any:
    """Return a module of Jiedan that few runs need and that is slow to load."""
    return importlib.import_module(name)


class Deferred:
    """A module that is loaded when something in it is first used: dictionaries that most processes never open.

    Types come from a plain import under `TYPE_CHECKING`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def adapters(group: str) -> dict[str, Any]:
    """Return what other packages registered under the entry point group `group`, by name."""
    return {point.name: point.load() for point in importlib.metadata.entry_points(group=group)}
