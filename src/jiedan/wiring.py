"""Who reacts to what, and what is mounted where: the one place where modules meet.

To learn what an event does, read its line in `SUBSCRIPTIONS`; an event nobody reacts to stands there with `()`.
"""

from collections.abc import Mapping

from litestar import Router

from jiedan.accounts import api as accounts_api
from jiedan.accounts import events as accounts
from jiedan.accounts import jobs as accounts_jobs
from jiedan.accounts import pages as accounts_pages
from jiedan.accounts import service as accounts_service
from jiedan.accounts import values as accounts_values
from jiedan.base import books as bookkeeping
from jiedan.base import dead_letters, dispatch, jobs
from jiedan.base.drain import Handler
from jiedan.base.jobs import Periodic, Task
from jiedan.base.runtime import Part
from jiedan.base.web import books, letters, trail
from jiedan.base.web.auth import Authenticator
from jiedan.base.web.site import NavigationEntry
from jiedan.base.web.waiting import Counter
from jiedan.bulk import api as bulk_api
from jiedan.bulk import events as bulk
from jiedan.bulk import jobs as bulk_jobs
from jiedan.bulk import pages as bulk_pages
from jiedan.carriers import api as carriers_api
from jiedan.carriers import events as carriers
from jiedan.carts import api as carts_api
from jiedan.carts import jobs as carts_jobs
from jiedan.cases import api as cases_api
from jiedan.cases import events as cases
from jiedan.catalog import api as catalog_api
from jiedan.catalog import events as catalog
from jiedan.catalog import jobs as catalog_jobs
from jiedan.catalog import pages as catalog_pages
from jiedan.catalog.storage import folder as catalog_storage
from jiedan.console import navigation as console_navigation
from jiedan.console import pages as console_pages
from jiedan.console import waiting as console_waiting
from jiedan.customers import api as customers_api
from jiedan.customers import events as customers
from jiedan.customers import jobs as customer_jobs
from jiedan.customers import pages as customers_pages
from jiedan.exports import api as exports_api
from jiedan.exports import events as exports
from jiedan.exports import jobs as exports_jobs
from jiedan.exports import pages as exports_pages
from jiedan.fulfillment import api as fulfillment_api
from jiedan.fulfillment import events as fulfillment
from jiedan.fulfillment import jobs as fulfillment_jobs
from jiedan.fulfillment import pages as fulfillment_pages
from jiedan.imports import api as imports_api
from jiedan.imports import events as imports
from jiedan.imports import jobs as import_jobs
from jiedan.imports import pages as imports_pages
from jiedan.inventory import api as inventory_api
from jiedan.inventory import events as inventory
from jiedan.inventory import jobs as inventory_jobs
from jiedan.inventory import pages as inventory_pages
from jiedan.notifications import api as notifications_api
from jiedan.notifications import events as notifications
from jiedan.notifications import jobs as notifications_jobs
from jiedan.notifications import pages as notifications_pages
from jiedan.notifications.post import office as post_office
from jiedan.orders import api as orders_api
from jiedan.orders import events as orders
from jiedan.orders import jobs as orders_jobs
from jiedan.orders import service as orders_service
from jiedan.payments import api as payments_api
from jiedan.payments import events as payments
from jiedan.payments import jobs as payments_jobs
from jiedan.payments import pages as payments_pages
from jiedan.payments import queries as payments_queries
from jiedan.payments import service as payments_service
from jiedan.payments.providers import gateways as payments_gateways
from jiedan.portal import pages as portal_pages
from jiedan.pricing import api as pricing_api
from jiedan.pricing import events as pricing
from jiedan.pricing import jobs as pricing_jobs
from jiedan.privacy import api as privacy_api
from jiedan.privacy import jobs as privacy_jobs
from jiedan.privacy import pages as privacy_pages
from jiedan.replays import api as replays_api
from jiedan.replays import events as replays
from jiedan.replays import jobs as replays_jobs
from jiedan.reports import jobs as report_jobs
from jiedan.sourcing import api as sourcing_api
from jiedan.sourcing import events as sourcing
from jiedan.sourcing import pages as sourcing_pages
from jiedan.wallets import api as wallets_api
from jiedan.wallets import events as wallets
from jiedan.wallets import jobs as wallets_jobs

_CUSTOMER_TERMS = Handler("customers.write_terms", customer_jobs.write_terms, history=True, beside=True)

SUBSCRIPTIONS: Mapping[str, tuple[Handler, ...]] = {
    accounts.ApiKeyCreated.kind: (),
    accounts.ApiKeyRevoked.kind: (),
    accounts.InvitationRevoked.kind: (),
    accounts.MerchantChanged.kind: (),
    accounts.MerchantCreated.kind: (),
    accounts.PasswordChanged.kind: (),
    accounts.PasswordResetIssued.kind: (notifications_jobs.QUEUE_MAILS,),
    accounts.PasswordResetRequested.kind: (accounts_jobs.BEGIN_RESETS,),
    accounts.RoleChanged.kind: (),
    accounts.RoleCreated.kind: (),
    accounts.RoleRemoved.kind: (),
    accounts.RecoveryCodeUsed.kind: (),
    accounts.PasskeyAdded.kind: (),
    accounts.PasskeyDoubted.kind: (),
    accounts.PasskeyRemoved.kind: (),
    accounts.PasskeyRenamed.kind: (),
    accounts.SecondFactorAdded.kind: (),
    accounts.SecondFactorRemoved.kind: (),
    accounts.SessionsEnded.kind: (notifications_jobs.FOLLOW_SESSIONS,),
    accounts.SignInThrottled.kind: (),
    accounts.SignedIn.kind: (),
    accounts.StaffChanged.kind: (orders_jobs.TAKE_BACK, notifications_jobs.QUEUE_MAILS),
    accounts.StaffInvited.kind: (notifications_jobs.QUEUE_MAILS,),
    accounts.StaffJoined.kind: (),
    accounts.StorefrontChanged.kind: (),
    bookkeeping.BooksChecked.kind: (),
    dead_letters.DeadLetterDiscarded.kind: (),
    dead_letters.DeadLetterLeft.kind: (notifications_jobs.PUT_UP_NOTICES,),
    dead_letters.DeadLetterRequeued.kind: (),
    bulk.BulkJobCompleted.kind: (),
    bulk.BulkJobQueued.kind: (bulk_jobs.START_JOBS,),
    bulk.BulkJobStopped.kind: (),
    carriers.CarrierSaved.kind: (),
    cases.CaseAssigned.kind: (),
    cases.CaseNoted.kind: (),
    cases.CaseOpened.kind: (notifications_jobs.PUT_UP_NOTICES,),
    cases.CaseResolved.kind: (),
    catalog.CategoryChanged.kind: (),
    catalog.CategoryCreated.kind: (),
    catalog.CategoryRemoved.kind: (),
    catalog.ImageAdded.kind: (),
    catalog.ImageDescribed.kind: (),
    catalog.ImageRemoved.kind: (),
    catalog.ImagesArranged.kind: (),
    catalog.ProductChanged.kind: (catalog_jobs.INDEX_PRODUCTS,),
    catalog.ProductCreated.kind: (catalog_jobs.INDEX_PRODUCTS,),
    customers.AccountDisabled.kind: (),
    customers.AccountEmailChanged.kind: (notifications_jobs.QUEUE_MAILS,),
    customers.AccountEnabled.kind: (),
    customers.AccountEntered.kind: (),
    customers.AccountOpened.kind: (),
    customers.AccountPasswordChanged.kind: (),
    customers.AccountSessionsEnded.kind: (),
    customers.ConsentRecorded.kind: (_CUSTOMER_TERMS,),
    customers.CustomerChanged.kind: (_CUSTOMER_TERMS,),
    customers.CustomerCreated.kind: (_CUSTOMER_TERMS,),
    customers.CustomerErased.kind: (),
    customers.CustomersMerged.kind: (_CUSTOMER_TERMS,),
    customers.ErasureBegun.kind: (privacy_jobs.START_ERASURES, notifications_jobs.QUEUE_MAILS),
    customers.ErasureRequested.kind: (),
    customers.GroupChanged.kind: (),
    customers.GroupCreated.kind: (),
    customers.GroupJoined.kind: (_CUSTOMER_TERMS,),
    customers.GroupLeft.kind: (_CUSTOMER_TERMS,),
    customers.GroupRemoved.kind: (),
    customers.LinkRequested.kind: (notifications_jobs.QUEUE_MAILS,),
    customers.MergeUndone.kind: (_CUSTOMER_TERMS,),
    exports.ExportQueued.kind: (exports_jobs.START_FILES,),
    exports.OrdersExported.kind: (),
    fulfillment.BoxSaved.kind: (),
    fulfillment.FulfillmentCollected.kind: (orders_jobs.WRITE_TERMS,),
    fulfillment.FulfillmentReady.kind: (notifications_jobs.QUEUE_MAILS,),
    fulfillment.FulfillmentReleased.kind: (),
    fulfillment.GoodsPutBack.kind: (),
    fulfillment.HandlingSet.kind: (),
    fulfillment.LineShort.kind: (),
    fulfillment.LinesPicked.kind: (),
    fulfillment.LinesWithdrawn.kind: (),
    fulfillment.NotesAcknowledged.kind: (),
    fulfillment.ParcelDelivered.kind: (report_jobs.MARK_HOURS,),
    fulfillment.ParcelLabeled.kind: (orders_jobs.WRITE_TERMS,),
    fulfillment.ParcelPacked.kind: (),
    fulfillment.ParcelPrinted.kind: (),
    fulfillment.ParcelShipped.kind: (
        orders_jobs.WRITE_TERMS,
        fulfillment_jobs.FOLLOW,
        report_jobs.MARK_HOURS,
        notifications_jobs.QUEUE_MAILS,
    ),
    fulfillment.ParcelTracked.kind: (),
    fulfillment.ParcelUnpacked.kind: (),
    imports.ImportCompleted.kind: (),
    imports.ImportQueued.kind: (import_jobs.START_RUNS,),
    imports.ImportStarted.kind: (),
    inventory.CountEnded.kind: (),
    inventory.CountOpened.kind: (),
    inventory.CountTallied.kind: (),
    inventory.LocationChanged.kind: (),
    inventory.LocationCreated.kind: (),
    inventory.LocationRemoved.kind: (),
    inventory.ReservationExpired.kind: (),
    inventory.StockAdjusted.kind: (),
    inventory.StockBecameAvailable.kind: (orders_jobs.FILL_WAITING,),
    inventory.StockRanLow.kind: (notifications_jobs.PUT_UP_NOTICES,),
    inventory.StockReceived.kind: (),
    inventory.ThresholdsSet.kind: (),
    inventory.TransferEnded.kind: (),
    inventory.TransferOpened.kind: (),
    inventory.TransferReceived.kind: (),
    inventory.TransferShipped.kind: (),
    notifications.CustomerMailFailed.kind: (notifications_jobs.PUT_UP_NOTICES,),
    notifications.CustomerMailSent.kind: (),
    notifications.DeviceAdded.kind: (),
    notifications.DeviceRemoved.kind: (),
    notifications.FormerMailFailed.kind: (notifications_jobs.PUT_UP_NOTICES,),
    notifications.FormerMailSent.kind: (),
    notifications.LinkMailFailed.kind: (notifications_jobs.PUT_UP_NOTICES,),
    notifications.LinkMailSent.kind: (),
    notifications.MailRequeued.kind: (notifications_jobs.SEND_AGAIN,),
    notifications.MailSettingsChanged.kind: (),
    notifications.NoticeMailsChosen.kind: (),
    notifications.OrderMailFailed.kind: (notifications_jobs.PUT_UP_NOTICES,),
    notifications.OrderMailSent.kind: (),
    notifications.StaffMailFailed.kind: (notifications_jobs.PUT_UP_NOTICES,),
    notifications.StaffMailSent.kind: (),
    notifications.TestMailRequested.kind: (notifications_jobs.QUEUE_MAILS,),
    orders.ApprovalAsked.kind: (notifications_jobs.PUT_UP_NOTICES,),
    orders.CustomerAsked.kind: (notifications_jobs.PUT_UP_NOTICES,),
    orders.DeliveryPromised.kind: (),
    orders.DraftDiscarded.kind: (),
    orders.DraftSaved.kind: (),
    orders.GuestIdentified.kind: (),
    orders.HoldLifted.kind: (orders_jobs.WRITE_TERMS, fulfillment_jobs.RECONSIDER),
    orders.HoldPlaced.kind: (orders_jobs.WRITE_TERMS, fulfillment_jobs.RECONSIDER),
    orders.LinesAllocated.kind: (orders_jobs.WRITE_TERMS, fulfillment_jobs.RECONSIDER, fulfillment_jobs.PROMISE),
    orders.LinesBackordered.kind: (orders_jobs.WRITE_TERMS,),
    orders.LinesCanceled.kind: (
        orders_jobs.WRITE_TERMS,
        payments_jobs.GIVE_BACK,
        fulfillment_jobs.RECONSIDER,
        report_jobs.MARK_HOURS,
    ),
    orders.LookUpOpened.kind: (),
    orders.LookUpRequested.kind: (notifications_jobs.QUEUE_MAILS,),
    orders.OrderAssigned.kind: (orders_jobs.TAKE_BACK, notifications_jobs.PUT_UP_NOTICES),
    orders.OrderCanceled.kind: (payments_jobs.GIVE_BACK, notifications_jobs.QUEUE_MAILS),
    orders.OrderCommented.kind: (notifications_jobs.PUT_UP_NOTICES,),
    orders.OrderCompleted.kind: (payments_jobs.LET_GO, payments_jobs.SETTLE_POINTS),
    orders.OrderEdited.kind: (
        orders_jobs.WRITE_TERMS,
        fulfillment_jobs.RECONSIDER,
        fulfillment_jobs.PROMISE,
        report_jobs.MARK_HOURS,
    ),
    orders.OrderExpired.kind: (),
    orders.OrderPlaced.kind: (
        orders_jobs.WRITE_TERMS,
        fulfillment_jobs.RECONSIDER,
        fulfillment_jobs.PROMISE,
        report_jobs.MARK_HOURS,
        notifications_jobs.QUEUE_MAILS,
    ),
    orders.OrderReopened.kind: (orders_jobs.WRITE_TERMS, fulfillment_jobs.RECONSIDER, report_jobs.MARK_HOURS),
    orders.OrderUnassigned.kind: (orders_jobs.TAKE_BACK,),
    orders.PaymentRecorded.kind: (fulfillment_jobs.RECONSIDER,),
    orders.PricesRefused.kind: (),
    orders.PromiseTakenBack.kind: (),
    orders.ServicesPerformed.kind: (),
    orders.ViewChanged.kind: (),
    orders.ViewRemoved.kind: (),
    orders.ViewSaved.kind: (),
    orders.WaitingLinesLeft.kind: (orders_jobs.FILL_WAITING,),
    payments.AuthorizationVoided.kind: (),
    payments.MoneyAdjusted.kind: (),
    payments.MoneyAuthorized.kind: (payments_jobs.FOLLOW_LATE_MONEY,),
    payments.MoneyCaptured.kind: (payments_jobs.FOLLOW_LATE_MONEY, notifications_jobs.QUEUE_MAILS),
    payments.MoneyChargedBack.kind: (payments_jobs.SETTLE_POINTS,),
    payments.MoneyRefunded.kind: (payments_jobs.SETTLE_POINTS, notifications_jobs.QUEUE_MAILS),
    payments.OperationFailed.kind: (),
    payments.OperationRequested.kind: (),
    payments.OperationSettled.kind: (),
    payments.OperationUnknown.kind: (),
    payments.PaymentAssigned.kind: (payments_jobs.FOLLOW_LATE_MONEY,),
    payments.PaymentCreated.kind: (),
    payments.ProviderChanged.kind: (),
    pricing.CouponBatchChanged.kind: (),
    pricing.CouponBatchCreated.kind: (pricing_jobs.START_COUPONS,),
    pricing.CouponChanged.kind: (),
    pricing.CouponsAdded.kind: (),
    pricing.ListPricesSet.kind: (),
    pricing.PriceBookWithdrawn.kind: (),
    pricing.PriceDraftReset.kind: (),
    pricing.PriceRuleAdded.kind: (),
    pricing.PriceRuleChanged.kind: (),
    pricing.PriceRuleRemoved.kind: (),
    pricing.PriceRulesChanged.kind: (),
    pricing.PromotionRedeemed.kind: (),
    pricing.RedemptionGivenBack.kind: (),
    replays.ReplayCanceled.kind: (),
    replays.ReplayCompleted.kind: (),
    replays.ReplayFailed.kind: (),
    replays.ReplayQueued.kind: (replays_jobs.START_REPLAYS,),
    sourcing.PostalAreaRemoved.kind: (),
    sourcing.PostalAreasSet.kind: (),
    wallets.GiftCardChanged.kind: (),
    wallets.GiftCardIssued.kind: (),
    wallets.LoyaltyRuleChanged.kind: (),
    wallets.WalletMoved.kind: (),
}
"""Handlers of sets of events, by the kind of event."""

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
    payments_service.open_order_desk,
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
