"""Who reacts to what, and what is mounted where: the one place where modules meet.

To learn what an event does, read its line in `subscriptions.py`; all else that is plugged in stands below.
"""

from collections.abc import Mapping

from litestar import Router

from jiedan.accounts import api as accounts_api
from jiedan.accounts import pages as accounts_pages
from jiedan.accounts import service as accounts_service
from jiedan.accounts import values as accounts_values
from jiedan.base import books as bookkeeping
from jiedan.base import dispatch, jobs
from jiedan.base.jobs import Periodic, Task
from jiedan.base.runtime import Part
from jiedan.base.web import books, letters, trail
from jiedan.base.web.auth import Authenticator
from jiedan.base.web.failing import EnterShop
from jiedan.base.web.site import NavigationEntry
from jiedan.base.web.waiting import Counter
from jiedan.bulk import api as bulk_api
from jiedan.bulk import jobs as bulk_jobs
from jiedan.bulk import pages as bulk_pages
from jiedan.carriers import api as carriers_api
from jiedan.carts import api as carts_api
from jiedan.carts import jobs as carts_jobs
from jiedan.cases import api as cases_api
from jiedan.catalog import api as catalog_api
from jiedan.catalog import jobs as catalog_jobs
from jiedan.catalog import pages as catalog_pages
from jiedan.catalog.storage import folder as catalog_storage
from jiedan.console import navigation as console_navigation
from jiedan.console import pages as console_pages
from jiedan.console import waiting as console_waiting
from jiedan.customers import api as customers_api
from jiedan.customers import pages as customers_pages
from jiedan.exports import api as exports_api
from jiedan.exports import jobs as exports_jobs
from jiedan.exports import pages as exports_pages
from jiedan.fulfillment import api as fulfillment_api
from jiedan.fulfillment import pages as fulfillment_pages
from jiedan.fulfillment import service as fulfillment_service
from jiedan.imports import api as imports_api
from jiedan.imports import jobs as import_jobs
from jiedan.imports import pages as imports_pages
from jiedan.inventory import api as inventory_api
from jiedan.inventory import jobs as inventory_jobs
from jiedan.inventory import pages as inventory_pages
from jiedan.notifications import api as notifications_api
from jiedan.notifications import jobs as notifications_jobs
from jiedan.notifications import pages as notifications_pages
from jiedan.notifications.post import office as post_office
from jiedan.orders import api as orders_api
from jiedan.orders import jobs as orders_jobs
from jiedan.orders import service as orders_service
from jiedan.payments import api as payments_api
from jiedan.payments import jobs as payments_jobs
from jiedan.payments import pages as payments_pages
from jiedan.payments import queries as payments_queries
from jiedan.payments.providers import gateways as payments_gateways
from jiedan.portal import pages as portal_pages
from jiedan.portal import visitor as portal_visitor
from jiedan.pricing import api as pricing_api
from jiedan.pricing import jobs as pricing_jobs
from jiedan.privacy import api as privacy_api
from jiedan.privacy import jobs as privacy_jobs
from jiedan.privacy import pages as privacy_pages
from jiedan.replays import api as replays_api
from jiedan.replays import jobs as replays_jobs
from jiedan.reports import jobs as report_jobs
from jiedan.sourcing import api as sourcing_api
from jiedan.sourcing import pages as sourcing_pages
from jiedan.wallets import api as wallets_api
from jiedan.wallets import jobs as wallets_jobs
from jiedan.wiring.subscriptions import SUBSCRIPTIONS

__all__ = [
    "ACTIONS",
    "AUTHENTICATORS",
    "COUNTERS",
    "NAVIGATION",
    "PARTS",
    "PERIODIC",
    "PERMISSIONS",
    "ROUTERS",
    "SETTINGS",
    "SUBSCRIPTIONS",
    "TASKS",
]

PERIODIC: tuple[Periodic, ...] = (
    *jobs.PERIODIC,
    *bookkeeping.PERIODIC,
    *bulk_jobs.PERIODIC,
    *carts_jobs.PERIODIC,
    *catalog_jobs.PERIODIC,
    *exports_jobs.PERIODIC,
    *import_jobs.PERIODIC,
    *inventory_jobs.PERIODIC,
    *notifications_jobs.PERIODIC,
    *orders_jobs.PERIODIC,
    *payments_jobs.PERIODIC,
    *pricing_jobs.PERIODIC,
    *privacy_jobs.PERIODIC,
    *replays_jobs.PERIODIC,
    *report_jobs.PERIODIC,
    *wallets_jobs.PERIODIC,
)
"""Work that falls due by the clock, once however many workers run."""

TASKS: tuple[Task, ...] = (
    bookkeeping.CHECK,
    bulk_jobs.DO_JOB,
    exports_jobs.WRITE_FILE,
    import_jobs.SAVE_ROWS,
    payments_jobs.PERFORM_DUE,
    pricing_jobs.MAKE_COUPONS,
    *notifications_jobs.TASKS,
    privacy_jobs.ERASE,
    replays_jobs.DO_REPLAY,
)
"""Slow work that `jobs.enqueue` asks for."""

ROUTERS: tuple[Router, ...] = (
    accounts_api.ROUTER,
    accounts_pages.ENTRANCE,
    accounts_pages.ROUTER,
    books.ROUTER,
    bulk_api.ROUTER,
    bulk_pages.ROUTER,
    carriers_api.ROUTER,
    carts_api.ROUTER,
    cases_api.ROUTER,
    catalog_api.ROUTER,
    catalog_pages.ROUTER,
    console_pages.ROUTER,
    customers_api.ROUTER,
    customers_pages.ROUTER,
    exports_api.ROUTER,
    exports_pages.ROUTER,
    fulfillment_api.ROUTER,
    fulfillment_pages.REST,
    fulfillment_pages.ROUTER,
    imports_api.ROUTER,
    imports_pages.ROUTER,
    inventory_api.ROUTER,
    inventory_pages.ROUTER,
    letters.ROUTER,
    trail.ROUTER,
    notifications_api.MAILS_ROUTER,
    notifications_api.NOTICES_ROUTER,
    notifications_pages.ROUTER,
    orders_api.ROUTER,
    payments_api.INCOMING,
    payments_api.ROUTER,
    payments_pages.ROUTER,
    portal_pages.CONSOLE,
    portal_pages.SHOP,
    pricing_api.ROUTER,
    privacy_api.ROUTER,
    privacy_pages.ROUTER,
    replays_api.ROUTER,
    sourcing_api.ROUTER,
    sourcing_pages.ROUTER,
    wallets_api.ROUTER,
)
"""REST and pages of every module."""

AUTHENTICATORS: tuple[Authenticator, ...] = (
    accounts_service.ApiKeyAuthenticator(),
    accounts_service.SessionAuthenticator(),
)
"""Who knows API keys and sessions."""

PARTS: tuple[Part, ...] = (
    dispatch.bell,
    accounts_service.open_passwords,
    catalog_storage.open_image_storage,
    fulfillment_service.open_order_desk,
    orders_service.order_subjects(
        orders_service.SubjectSource("payments:read", payments_queries.payment_ids_of_order),
    ),
    payments_gateways.open_gateways,
    post_office.open_office,
)
"""What lives as long as a process; opened in this order by the API and the worker."""

PERMISSIONS: Mapping[str, str] = accounts_values.PERMISSIONS
"""The words for what each permission allows."""

NAVIGATION: tuple[NavigationEntry, ...] = console_navigation.NAVIGATION
"""The console's side bar, from top to bottom."""

ACTIONS: tuple[NavigationEntry, ...] = console_navigation.ACTIONS
"""What the command palette offers to do, besides going to the places of the side bar."""

SETTINGS: tuple[NavigationEntry, ...] = console_navigation.SETTINGS
"""What can be set up and looked after, beside each other on each of these pages."""

COUNTERS: tuple[Counter, ...] = console_waiting.COUNTERS
"""What waits, counted for the side bar and the bell."""

ENTER_SHOP: EnterShop = portal_visitor.enter
"""Around what goes wrong in a shop stands the shop's own frame."""
