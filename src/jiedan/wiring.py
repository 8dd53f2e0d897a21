"""Who reacts to what, and what is mounted where: the one place where modules meet.

To learn what an event does, read its line in `SUBSCRIPTIONS`; an event nobody reacts to stands there with `()`.
"""

from collections.abc import Mapping

from litestar import Router

from jiedan.base import jobs
from jiedan.base.drain import Handler
from jiedan.base.jobs import Periodic, Task
from jiedan.base.runtime import Part
from jiedan.base.web.auth import Authenticator
from jiedan.base.web.site import NavigationEntry

SUBSCRIPTIONS: Mapping[str, tuple[Handler, ...]] = {}
"""Handlers of sets of events, by the kind of event."""

PERIODIC: tuple[Periodic, ...] = (*jobs.PERIODIC,)
"""Work that falls due by the clock, once however many workers run."""

TASKS: tuple[Task, ...] = ()
"""Slow work that `jobs.enqueue` asks for."""

ROUTERS: tuple[Router, ...] = ()
"""REST and pages of every module."""

AUTHENTICATORS: tuple[Authenticator, ...] = ()
"""Who knows API keys and sessions."""

PARTS: tuple[Part, ...] = ()
"""What lives as long as a process; opened in this order by the API and the worker."""

NAVIGATION: tuple[NavigationEntry, ...] = ()
"""The console's side bar, from top to bottom."""
