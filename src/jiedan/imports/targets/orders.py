"""Orders: a row is one line; rows of one order follow each other. After all orders come the cancellations.

With a date or a price a row tells of an order that was placed elsewhere: it is placed as history, at that moment and
at those prices, and never expires. It claims stock only where `claims_stock` says so: then it is served from what is
on hand like any other order, else whoever imports it tells what was shipped. Without both it is an order of today at
list prices. Order ids are external ids of the channel `import`, so the same row again changes nothing.

A cancellation is a row whose order id begins with `cancel_prefix`, or whose quantity is below zero. It takes its
quantity off the latest earlier order of the same customer that has so much of the SKU, at the same price, left.
What finds none is refused with the reason.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from jiedan.accounts import queries as accounts
from jiedan.base import idempotency, numbers
from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.imports import errors, queries, service
from jiedan.imports.targets import order_cancellations as cancellations
from jiedan.imports.targets import order_drafts
from jiedan.imports.targets.order_cancellations import Left, Wish
from jiedan.imports.targets.order_drafts import Known, Wanted
from jiedan.imports.values import Cancellation, Field, Outcome, Row
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders import service as placing
from jiedan.orders.queries import Cancelable
from jiedan.orders.values import (
    CHANNEL_IMPORT,
    NUMBER_SERIES,
    AlreadyPlaced,
    CancelRequest,
    Draft,
    LineQuantity,
    OrderId,
    Placed,
    Rejected,
)
from jiedan.orders.values import Outcome as PlacementOutcome

ORDERS_STAGE, CANCELLATIONS_STAGE = 0, 1
CALLER = "import"

_LEASES = numbers.NumberLeases()
"""The order numbers that imports of this process have in hand."""

FIELDS: tuple[Field, ...] = (
    Field(
        "order_id",
        N_("The order's id where it comes from; rows of one order follow each other"),
        (
            "order",
            "order id",
            "order number",
            "invoice",
            "invoiceno",
            "订单号",
            "订单编号",
            "单号",
            "訂單號",
            "訂單編號",
            "單號",
        ),
        True,
    ),
    Field(
        "sku",
        N_("Code of the SKU"),
        ("sku code", "stockcode", "stock code", "item", "商品编码", "商家编码", "货号", "商品編碼", "貨號", "編碼"),
        True,
    ),
    Field("quantity", N_("How many; below zero cancels"), ("qty", "数量", "數量"), True),
    Field(
        "placed_at",
        N_("When it was placed, like 2026-11-21 14:30"),
        ("date", "order date", "invoicedate", "下单时间", "订单时间", "下單時間", "訂單日期"),
    ),
    Field(
        "price",
        N_("Unit price as sold; without it the list price"),
        ("unitprice", "unit price", "单价", "成交价", "單價"),
    ),
    Field("discount", N_("Discount of the line as sold"), ("折扣",)),
    Field("tax", N_("Tax of the line as sold"), ("vat", "税额", "稅額")),
    Field(
        "shipping",
        N_("Shipping fee of the order; without it none in the past, today the merchant's"),
        ("shipping fee", "freight", "postage", "运费", "運費"),
    ),
    Field("shipping_tax", N_("Tax of the shipping fee"), ("shipping vat", "运费税额", "運費稅額")),
    Field(
        "shipping_method",
        N_("Code of the shipping method; without it the cheapest"),
        ("shipping method", "delivery method", "配送方式", "快递方式", "運送方式"),
    ),
    Field("currency", N_("Currency; without it the merchant's"), ("币种", "幣別")),
    Field(
        "customer",
        N_("Your own id of the customer; without it a guest's"),
        ("customer id", "customerid", "客户编号", "客戶編號"),
    ),
    Field("name", N_("Who receives it"), ("recipient", "收货人", "收件人", "收貨人")),
    Field(
        "phone", N_("Phone"), ("mobile", "telephone", "电话", "手机", "手机号", "联系电话", "電話", "手機", "聯絡電話")
    ),
    Field("email", N_("E-mail"), ("mail", "e-mail", "邮箱", "电子邮箱", "電郵", "電子郵件")),
    Field("country", N_("Country code of the address; without it the merchant's"), ("country code",)),
    Field("region", N_("Province or state"), ("province", "state", "省", "省份", "縣市")),
    Field("city", N_("City"), ("town", "市", "城市")),
    Field("district", N_("District"), ("county", "区", "区县", "區", "鄉鎮市區")),
    Field("line1", N_("Street and number"), ("address", "street", "address line 1", "地址", "详细地址", "詳細地址")),
    Field("line2", N_("More of the address"), ("address 2", "address line 2")),
    Field("postal_code", N_("Postal code"), ("zip", "postcode", "邮编", "郵遞區號")),
    Field("location", N_("Code of the location that ships it"), ("warehouse", "仓库", "发货仓", "倉庫")),
    Field("payment_terms", N_("prepaid, on_delivery or on_account"), ("terms",)),
    Field(
        "payment_method",
        N_("How it is paid: card, bank_transfer and so on; promotions may ask for it"),
        ("payment method", "paid by", "支付方式", "付款方式"),
    ),
    Field("note", N_("What the customer said"), ("remark", "备注", "买家留言", "備註")),
    Field("tags", N_("Tags, separated by semicolons"), ("labels", "标签", "標籤")),
    Field("attributes", N_("Attributes that promotions ask for, like source=app; age=18"), ("属性", "屬性")),
    Field(
        "measures",
        N_("Measures of a piece made to measure, like width=2400 mm; fabric=linen"),
        ("定制参数", "客製參數"),
    ),
    Field("cancel_prefix", N_("How the id of a cancellation begins, like =C")),
    Field("gifts", N_("Whether a price of 0 is a sale, =yes or =no; yes without it")),
    Field("claims_stock", N_("Whether orders of the past are still to be shipped, =yes or =no; no without it")),
    Field("tax_included", N_("Whether prices of the past include tax, =yes or =no")),
)


class Orders:
    """Orders line by line, and cancellations of them; `numbers` are those leased for a chunk, by order id."""

    kind = "orders"
    permission = "orders:import"
    fields = FIELDS
    stages = 2

    def __init__(self, leased: Mapping[str, int] | None = None) -> None:
        self._leased = leased or {}

    def key(self, row: Row) -> str | None:
        """Keep the rows of one order together."""
        return row.values.get("order_id")

    def thing(self, row: Row) -> str | None:
        """Return the order of a line; cancellations stand alone."""
        return row.values.get("order_id") if self.stage(row) == ORDERS_STAGE else None

    def torn(self, number: int) -> Refusal:
        """Return why a line is refused when row `number` of its order cannot be read."""
        return errors.OtherRowRefused(number)

    def stage(self, row: Row) -> int:
        """Return 1 for a cancellation, 0 for a line of an order."""
        prefix = row.values.get("cancel_prefix")
        is_canceled = prefix is not None and row.values.get("order_id", "").startswith(prefix)
        is_negative = row.values.get("quantity", "").startswith(("-", "\N{MINUS SIGN}"))
        return CANCELLATIONS_STAGE if is_canceled or is_negative else ORDERS_STAGE

    async def ready(self, database: Database, scope: Scope, rows: Sequence[Row]) -> "Orders":
        """Lease a number for each order that is not there yet."""
        ids = {row.values["order_id"]: None for row in rows if self.stage(row) == ORDERS_STAGE and self.key(row)}
        if not ids:
            return self
        async with database.read(scope) as tx:
            present = await orders.external_fingerprints(tx, channel=CHANNEL_IMPORT, external_ids=ids)
        fresh = [order_id for order_id in ids if order_id not in present]
        leased = await _LEASES.take(database, scope.tenant, NUMBER_SERIES, len(fresh)) if fresh else []
        return Orders(dict(zip(fresh, leased, strict=True)))

    def trial(self) -> "TriedOrders":
        """Return the target of a dry run."""
        return TriedOrders()

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Place the orders of a chunk, or do its cancellations; `ready` comes before."""
        outcomes: dict[int, Outcome] = {}
        known = await _known(tx, rows)
        if self.stage(rows[0]) == CANCELLATIONS_STAGE:
            ids = [document for document, _ in order_drafts.documents(rows)]
            applied = await queries.applied_cancellations(tx, external_ids=ids)
            await self._cancel(tx, cancellations.wishes(rows, known, applied, outcomes), outcomes)
        else:
            found = [order_drafts.wanted(of, known, outcomes) for _, of in order_drafts.documents(rows)]
            await self._place(tx, [order for order in found if order is not None], outcomes)
        return [outcomes[row.number] for row in rows]

    async def _place(self, tx: Tx, wanted: Sequence[Wanted], outcomes: dict[int, Outcome]) -> None:
        if not wanted:
            return
        keys = tx.new_ids(len(wanted))
        drafts = [_draft(tx, order, self._leased, str(key)) for order, key in zip(wanted, keys, strict=True)]
        placed = await placing.place_orders(tx, drafts)
        for order, outcome in zip(wanted, placed, strict=True):
            outcomes |= _told(order, outcome)

    async def _cancel(self, tx: Tx, wishes: Sequence[Wish], outcomes: dict[int, Outcome]) -> None:
        candidates, left = await _cancelable(tx, wishes)
        found = [(wish, cancellations.match(wish, candidates[wish.customer_id], left)) for wish in wishes]
        outcomes |= {wish.row.number: (cancellations.nothing_to_cancel(wish),) for wish, line in found if line is None}
        matched = [(wish, line) for wish, line in found if line is not None]
        if not matched:
            return
        requests = [
            CancelRequest(line.order_id, wish.document, (LineQuantity(line.line, wish.quantity),), wish.until)
            for wish, line in matched
        ]
        canceled = await placing.cancel_orders(tx, requests=requests)
        done = []
        for (wish, line), outcome in zip(matched, canceled, strict=True):
            outcomes[wish.row.number] = (outcome,) if isinstance(outcome, Refusal) else "updated"
            if not isinstance(outcome, Refusal):
                done.append(
                    Cancellation(wish.document, wish.place, wish.fingerprint, line.order_id, line.line, wish.quantity)
                )
        await service.record_cancellations(tx, cancellations=done)


class TriedOrders(Orders):
    """Orders in a dry run: previewed without a lock, one chunk after the other, and remembered for cancellations.

    Each chunk is held against the stock that is there now, whatever the chunks before would take of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sold: dict[CustomerId, list[Cancelable]] = defaultdict(list)
        self._canceled: dict[tuple[object, int], int] = defaultdict(int)

    async def _place(self, tx: Tx, wanted: Sequence[Wanted], outcomes: dict[int, Outcome]) -> None:
        ids = [order.body.external_id or "" for order in wanted]
        present = await orders.external_fingerprints(tx, channel=CHANNEL_IMPORT, external_ids=ids)
        fresh: list[tuple[Wanted, Draft]] = []
        for order, order_id in zip(wanted, ids, strict=True):
            draft = _draft(tx, order, {}, "")
            if order_id not in present:
                fresh.append((order, draft))
                present[order_id] = draft.fingerprint
            elif present[order_id] == draft.fingerprint:
                outcomes |= dict.fromkeys((row.number for row in order.rows), "unchanged")
            else:
                taken = order_errors.ExternalIdTaken(CHANNEL_IMPORT, order_id, order_id, field="external_id")
                outcomes |= order_drafts.refusals(order, Rejected((taken,)))
        if not fresh:
            return
        plans = await placing.preview_orders(tx, [draft for _, draft in fresh])
        for (order, _), plan in zip(fresh, plans, strict=True):
            if isinstance(plan, Rejected):
                outcomes |= order_drafts.refusals(order, plan)
                continue
            outcomes |= dict.fromkeys((row.number for row in order.rows), "created")
            if order.body.customer_id is not None:
                placed_at = tx.now if order.body.history is None else order.body.history.placed_at
                self._sold[order.body.customer_id] += [
                    Cancelable(
                        OrderId(tx.new_id()), order.body.customer_id, x.line, x.code, x.unit_minor, placed_at, x.ordered
                    )
                    for x in plan.lines
                    if x.kind != "component" and x.sku_id is not None
                ]

    async def _cancel(self, tx: Tx, wishes: Sequence[Wish], outcomes: dict[int, Outcome]) -> None:
        candidates, left = await _cancelable(tx, wishes)
        for customer_id in candidates:
            both = [*candidates[customer_id], *self._sold[customer_id]]
            candidates[customer_id] = sorted(both, key=lambda line: (line.placed_at, line.order_id, line.line))
            left |= {(x.order_id, x.line): x.left for x in self._sold[customer_id]}
        for line, canceled in self._canceled.items():
            if line in left:
                left[line] -= canceled
        for wish in wishes:
            found = cancellations.match(wish, candidates[wish.customer_id], left)
            outcomes[wish.row.number] = "updated" if found else (cancellations.nothing_to_cancel(wish),)
            if found is not None:
                self._canceled[found.order_id, found.line] += wish.quantity


def _draft(tx: ReadTx, order: Wanted, leased: Mapping[str, int], key: str) -> Draft:
    """Return the draft of an order; what is there already needs no number. The fingerprint is of what the rows say."""
    return Draft(
        body=order.body,
        number=leased.get(order.body.external_id or "", 0),
        actor=tx.actor,
        request_id=tx.request_id,
        caller=CALLER,
        key=key,
        fingerprint=idempotency.fingerprint(order.said),
    )


def _told(order: Wanted, outcome: PlacementOutcome) -> dict[int, Outcome]:
    if isinstance(outcome, Placed):
        return dict.fromkeys((row.number for row in order.rows), "created")
    if isinstance(outcome, AlreadyPlaced):
        return dict.fromkeys((row.number for row in order.rows), "unchanged")
    return order_drafts.refusals(order, outcome)


async def _known(tx: ReadTx, rows: Sequence[Row]) -> Known:
    ids = {row.values["customer"] for row in rows if "customer" in row.values}
    settings, known = await tx.load(accounts.settings(), customers.by_external_id(ids))
    return Known(settings, known, tx.now)


async def _cancelable(tx: ReadTx, wishes: Sequence[Wish]) -> tuple[dict[CustomerId, list[Cancelable]], Left]:
    """Return what the customers of `wishes` have left of their SKUs, oldest first, and how much of each line."""
    found: dict[CustomerId, list[Cancelable]] = {wish.customer_id: [] for wish in wishes}
    if found:
        lines = await orders.cancelable_lines(tx, customer_ids=found, codes={wish.sku for wish in wishes})
        for line in lines:
            found[line.customer_id].append(line)
    return found, {(line.order_id, line.line): line.left for of in found.values() for line in of}


ORDERS = Orders()
