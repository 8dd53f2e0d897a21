"""Putting the frame together: Litestar with our body, gate and errors, wrapped in the frame."""

import contextlib
import functools
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.exceptions import LitestarDeprecationWarning

from jiedan.base.paging import Cursors
from jiedan.base.runtime import Part, Runtime, opened
from jiedan.base.web import (
    about,
    accent,
    barcodes,
    entry,
    failing,
    gate,
    guide,
    health,
    installed,
    live,
    maps,
    preferences,
    reference,
    statics,
    stream,
    unit,
)
from jiedan.base.web.assets import Assets
from jiedan.base.web.auth import Authentication, Authenticator
from jiedan.base.web.bodies import StrictBody
from jiedan.base.web.csrf import Csrf
from jiedan.base.web.frame import Frame
from jiedan.base.web.limits import Limits
from jiedan.base.web.networks import Networks
from jiedan.base.web.requests import WholeRequest
from jiedan.base.web.site import NavigationEntry, Site
from jiedan.base.web.templates import Templates
from jiedan.base.web.waiting import Counter, Waiting

BASE_ROUTERS: tuple[Router, ...] = (
    accent.ROUTER,
    entry.ROUTER,
    guide.ROUTER,
    health.ROUTER,
    statics.ROUTER,
    preferences.ROUTER,
    reference.ROUTER,
    stream.ROUTER,
    live.ROUTER,
    installed.CONSOLE,
    installed.ROOT,
    maps.ROUTER,
    about.ROUTER,
    barcodes.ROUTER,
)


def build(
    runtime: Runtime,
    *,
    routers: Sequence[Router],
    authenticators: Sequence[Authenticator],
    parts: Sequence[Part] = (),
    navigation: Sequence[NavigationEntry] = (),
    actions: Sequence[NavigationEntry] = (),
    settings: Sequence[NavigationEntry] = (),
    counters: Sequence[Counter] = (),
    permissions: Mapping[str, str] = MappingProxyType({}),
) -> Frame:
    """Return the ASGI application for `runtime`; `permissions` are the words for what each allows.

    Raises gate.UndeclaredRoute when a route declares neither a permission nor that it is public.
    """
    entries = (tuple(navigation), tuple(actions), tuple(settings))
    site = _site(runtime, tuple(authenticators), entries, Waiting(counters), permissions)
    runtime.add(site.authentication)
    config = AppConfig(
        route_handlers=[*BASE_ROUTERS, *routers],
        dependencies={"unit": Provide(unit.provide, sync_to_thread=False)},
        dto=StrictBody,
        return_dto=None,
        exception_handlers={Exception: failing.answer},
        middleware=[gate.Gate],
        request_class=WholeRequest,
        openapi_config=reference.config(),
        lifespan=[functools.partial(_lifespan, runtime, tuple(parts))],
        request_max_body_size=runtime.settings.body_bytes_max,
    )
    with warnings.catch_warnings():
        # Litestar 3 will want markers on every parameter of a handler; on 2 the plain form reads best.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = Litestar.from_config(config)
    gate.refuse_undeclared(app.routes)
    return Frame(app, runtime, site)


def _site(
    runtime: Runtime,
    authenticators: tuple[Authenticator, ...],
    entries: tuple[tuple[NavigationEntry, ...], tuple[NavigationEntry, ...], tuple[NavigationEntry, ...]],
    waiting: Waiting,
    permissions: Mapping[str, str],
) -> Site:
    secret = runtime.settings.signing_secret()
    assets = Assets()
    return Site(
        is_https=runtime.settings.base_url().startswith("https://"),
        authentication=Authentication(runtime, authenticators),
        csrf=Csrf(secret),
        cursors=Cursors(secret),
        networks=Networks(runtime.settings.trusted_proxies),
        limits=Limits(),
        assets=assets,
        templates=Templates(assets),
        navigation=entries[0],
        actions=entries[1],
        settings=entries[2],
        waiting=waiting,
        permissions=permissions,
    )


@contextlib.asynccontextmanager
async def _lifespan(runtime: Runtime, parts: Sequence[Part], _app: Any) -> AsyncIterator[None]:
    """Open the parts before the first request; close them, then the database, after the last."""
    try:
        async with opened(runtime, parts):
            yield
    finally:
        await runtime.database.close()
