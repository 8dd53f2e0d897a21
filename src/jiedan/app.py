"""The ASGI application: `granian --interface asgi --factory jiedan.app:create_app`."""

from jiedan import wiring
from jiedan.base import clock, settings
from jiedan.base import runtime as runtimes
from jiedan.base.i18n import Phrase
from jiedan.base.runtime import Runtime
from jiedan.base.settings import BadSetting
from jiedan.base.web import application
from jiedan.base.web.frame import Frame


def create_app(runtime: Runtime | None = None) -> Frame:
    """Return the application with every module's routes, on `runtime` or on one made from the settings.

    Raises BadSetting when no database is named: `jiedan serve` starts the embedded one and names it.
    """
    return application.build(
        runtime or _runtime(),
        routers=wiring.ROUTERS,
        authenticators=wiring.AUTHENTICATORS,
        parts=wiring.PARTS,
        navigation=wiring.NAVIGATION,
        actions=wiring.ACTIONS,
        settings=wiring.SETTINGS,
        counters=wiring.COUNTERS,
        permissions=wiring.PERMISSIONS,
        enter_shop=wiring.ENTER_SHOP,
    )


def _runtime() -> Runtime:
    chosen = settings.load()
    if chosen.database_url is None:
        reason = Phrase("`jiedan serve` sets it when the embedded server is used")
        raise BadSetting(name="JIEDAN_DATABASE_URL", reason=reason)
    system_clock = clock.SystemClock()
    url = chosen.database_url.get_secret_value()
    database = runtimes.database(chosen, url, clock=system_clock)
    return Runtime(settings=chosen, database=database, clock=system_clock)
