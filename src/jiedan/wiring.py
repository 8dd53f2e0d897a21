"""Who reacts to what, and what is mounted where: the one place where modules meet.

To learn what an event does, read its line in `SUBSCRIPTIONS`; an event nobody reacts to stands there with `()`.
"""

from collections.abc import Mapping

from litestar import Router

from jiedan.base.runtime import Part
from jiedan.base.web.auth import Authenticator
from jiedan.base.web.site import NavigationEntry

SUBSCRIPTIONS: Mapping[str, tuple[object, ...]] = {}
"""Handlers of sets of events, by the kind of event."""

ROUTERS: tuple[Router, ...] = ()
"""REST and pages of every module."""

AUTHENTICATORS: tuple[Authenticator, ...] = ()
"""Who knows API keys and sessions."""

PARTS: tuple[Part, ...] = ()
"""What lives as long as a process; opened in this order by the API and the worker."""

NAVIGATION: tuple[NavigationEntry, ...] = ()
"""The console's side bar, from top to bottom."""
