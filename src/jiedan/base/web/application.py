"""Putting the frame together: Litestar with our body, gate and errors, wrapped in the frame."""

import contextlib
import functools
import warnings
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
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
from jiedan.base.web.failing import EnterShop
from jiedan.base.web.form_digests import FormDigests
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
    enter_shop: EnterShop | None = None,
) -> Frame:
    """Return the ASGI application for `runtime`; `permissions` are the words for what each allows.

    `enter_shop` finds the frame of the shop that something went wrong in.
    Raises gate.UndeclaredRoute when a route declares neither a permission nor that it is public.
    """
    opening = functools.partial(_lifespan, runtime, tuple(parts))
    return framed(
        routed(
            routers,
            body_bytes_max=runtime.settings.body_bytes_max,
            lifespan=(opening,),
            enter_shop=enter_shop,
        ),
        runtime,
        templates=Templates(Assets()),
        authenticators=authenticators,
        navigation=navigation,
        actions=actions,
        settings=settings,
        counters=counters,
        permissions=permissions,
    )


def routed(
    routers: Sequence[Router],
    *,
    body_bytes_max: int,
    lifespan: Sequence[Callable[[Any], Any]] = (),
    enter_shop: EnterShop | None = None,
) -> Litestar:
    """Return what leads requests to their handlers; it knows no runtime, so several frames may share it.

    Raises gate.UndeclaredRoute when a route declares neither a permission nor that it is public.
    """
    config = AppConfig(
        route_handlers=[*BASE_ROUTERS, *routers],
        dependencies={"unit": Provide(unit.provide, sync_to_thread=False)},
        dto=StrictBody,
        return_dto=None,
        after_exception=[functools.partial(failing.find_frame, enter_shop)],
        exception_handlers={Exception: failing.answer},
        middleware=[gate.Gate],
        request_class=WholeRequest,
        openapi_config=reference.config(),
        lifespan=[*lifespan],
        request_max_body_size=body_bytes_max,
    )
    with warnings.catch_warnings():
        # Litestar 3 will want markers on every parameter of a handler; on 2 the plain form reads best.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = Litestar.from_config(config)
    gate.refuse_undeclared(app.routes)
    return app


def framed(
    app: Litestar,
    runtime: Runtime,
    *,
    templates: Templates,
    authenticators: Sequence[Authenticator],
    navigation: Sequence[NavigationEntry] = (),
    actions: Sequence[NavigationEntry] = (),
    settings: Sequence[NavigationEntry] = (),
    counters: Sequence[Counter] = (),
    permissions: Mapping[str, str] = MappingProxyType({}),
) -> Frame:
    """Return the frame around `app`, with what the pages and the gate of `runtime` need; `templates` may be shared."""
    secret = runtime.settings.signing_secret()
    site = Site(
        is_https=runtime.settings.base_url().startswith("https://"),
        authentication=Authentication(runtime, tuple(authenticators)),
        csrf=Csrf(secret),
        form_digests=FormDigests(secret),
        cursors=Cursors(secret),
        networks=Networks(runtime.settings.trusted_proxies),
        limits=Limits(),
        assets=templates.assets,
        templates=templates,
        navigation=tuple(navigation),
        actions=tuple(actions),
        settings=tuple(settings),
        waiting=Waiting(counters),
        permissions=permissions,
    )
    runtime.add(site.authentication)
    return Frame(app, runtime, site)


@contextlib.asynccontextmanager
async def _lifespan(runtime: Runtime, parts: Sequence[Part], _app: Any) -> AsyncIterator[None]:
    """Open the parts before the first request; close them, then the database, after the last."""
    try:
        async with opened(runtime, parts):
            yield
    finally:
        await runtime.database.close()
