"""Operations on placing, stock, people, goods and settings."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.base import idempotency
from jiedan.base.db import Tx
from jiedan.carts import service as carts
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Rendition
from jiedan.customers import saving as customers
from jiedan.imports import service as imports
from jiedan.inventory import service as inventory
from jiedan.orders import service as orders
from tests.api import worlds
from tests.interleavings.fixtures import CARRIER
from tests.interleavings.on_coupons import CART_CODE
from tests.interleavings.on_orders import TEA
from tests.interleavings.operation import call, use_case

LOST = {"location": "SH-1", "reason": "damaged"}
KEYED = {"sku": "TEA-250", "location": "SH-1", "key": "{key}"}

ON_PLACING = [
    call("place", "tea, wang, goods, settings", "POST /orders", {"lines": [TEA], "customer_id": "{wang}"}),
    call("place what is left", "tea, pot", "POST /orders", {"lines": [{"sku": "TEA-POT", "quantity": 1}, TEA]}),
    call(
        "place from outside",
        "outside, tea",
        "POST /orders",
        {"lines": [TEA], "external_id": "M-1", "contact": {"name": "Li {side}"}},
    ),
    call(
        "place many",
        "tea, outside",
        "POST /orders/batch",
        {
            "drafts": [
                {"key": "{key}1", "order": {"lines": [{"sku": "TEA-250", "quantity": 12}]}},
                {"key": "{key}2", "order": {"lines": [TEA], "external_id": "M-1"}},
            ]
        },
    ),
    call("place a draft", "draft, tea", "POST /order-drafts/{draft}/placement"),
    call("change a draft", "draft", "PUT /order-drafts/{draft}", {"data": {"lines": [TEA], "tags": ["{side}"]}}),
    call("discard a draft", "draft", "DELETE /order-drafts/{draft}"),
    call("take a draft back", "thrown draft", "POST /order-drafts/{thrown draft}/restoration"),
    use_case("forget drafts", "thrown draft", lambda tx, _: orders.forget_discarded(tx)),
    call("save a draft", "draft", "POST /order-drafts", {"data": {"lines": [TEA]}}),
    call("save a view", "view", "POST /order-views", {"name": "Mine", "filters": {}}),
    call("change a view", "view", "PUT /order-views/{view}", {"name": "Due {side}", "filters": {}}),
    call("remove a view", "view", "DELETE /order-views/{view}"),
]

ON_CARTS = [
    call("open a cart", "cart", "POST /carts", {"customer_id": "{wang}", "lines": [{"sku": "TEA-500", "quantity": 1}]}),
    call("fill a cart", "cart, tea 500", "PUT /carts/{cart}/lines", {"lines": [{"sku": "TEA-500", "quantity": 4}]}),
    call("put coupons into a cart", "cart", "PUT /carts/{cart}/coupons", {"coupons": [CART_CODE]}),
    call("hold a cart", "cart, tea 500", "POST /carts/{cart}/hold"),
    call("discard a cart", "cart, tea 500", "DELETE /carts/{cart}"),
    call(
        "place a cart",
        "cart, tea 500",
        "POST /orders",
        {"cart_id": "{cart}", "lines": [{"sku": "TEA-500", "quantity": 2}]},
    ),
    call("hold an old cart", "old cart, tea 500", "POST /carts/{old cart}/hold"),
    use_case("forget carts", "old cart, tea 500", lambda tx, _: carts.forget_old(tx)),
]

ON_STOCK = [
    call("receive", "tea", "POST /stock/receipts", {"sku": "TEA-250", "location": "SH-1", "quantity": 4}),
    call("receive many", "tea", "POST /stock/receipts/batch", {"items": [{**KEYED, "quantity": 3}]}),
    call("adjust", "tea", "POST /stock/adjustments", {**LOST, "sku": "TEA-250", "delta": -10}),
    call(
        "adjust many",
        "tea",
        "POST /stock/adjustments/batch",
        {"items": [{**KEYED, "delta": -9, "reason": "damaged"}]},
    ),
    call("lose pots", "pot", "POST /stock/adjustments", {**LOST, "sku": "TEA-POT", "delta": -1}),
    call("receive pots", "pot", "POST /stock/receipts", {"sku": "TEA-POT", "location": "SH-1", "quantity": 2}),
    call(
        "set thresholds",
        "tea",
        "PUT /stock/thresholds",
        {"items": [{"sku": "TEA-250", "location": "SH-1", "safety_stock": 10}]},
    ),
    use_case("free carts", "tea", lambda tx, _: inventory.release_expired(tx)),
    call("open a count", "tea, count", "POST /counts", {"location": "SH-1", "skus": ["TEA-250"]}),
    call("open a count there", "tea there", "POST /counts", {"location": "BJ-1", "skus": ["TEA-250"]}),
    call("tally", "tea, count", "POST /counts/{count}/tallies", {"items": [{"sku": "TEA-250", "counted": 25}]}),
    call("apply the count", "tea, count", "POST /counts/{count}/application"),
    call("cancel the count", "count", "POST /counts/{count}/cancellation"),
    call(
        "open a transfer",
        "tea, transfer",
        "POST /transfers",
        {"from_location": "SH-1", "to_location": "BJ-1", "items": [{"sku": "TEA-250", "quantity": 7}]},
    ),
    call("send a transfer", "tea, transfer, tea there", "POST /transfers/{transfer}/shipments", {"items": [TEA]}),
    call("take in a transfer", "tea, transfer, tea there", "POST /transfers/{transfer}/receipts", {"items": [TEA]}),
    call("close a transfer", "tea, transfer, tea there", "POST /transfers/{transfer}/closure"),
    call(
        "change a location",
        "location",
        "PUT /locations/{EMPTY}",
        {"code": "EMPTY", "kind": "warehouse", "name": "Open {side}", "priority": 9},
    ),
    call("remove a location", "location", "DELETE /locations/{EMPTY}"),
    call("receive there", "location", "POST /stock/receipts", {"sku": "TEA-500", "location": "EMPTY", "quantity": 4}),
    call("open a location", "location", "POST /locations", {"code": "NEW", "kind": "store", "name": "New {side}"}),
]

_ADDRESS = {
    "country": "CN",
    "region": "上海市",
    "city": "上海市",
    "district": "黄浦区",
    "line1": "{side} 号",
    "postal_code": "200001",
}

ON_PEOPLE = [
    call("add a customer", "wang", "POST /customers", {"name": "赵 {side}", "external_id": "C-1"}),
    call(
        "add customers",
        "wang",
        "POST /customers/batch",
        {"customers": [{"name": "赵 {side}", "external_id": "C-1"}, {"name": "钱", "external_id": "C-2"}]},
    ),
    call("change a customer", "wang", "PATCH /customers/{wang}", {"name": "王 {side}"}),
    call("add an address", "wang", "POST /customers/{wang}/addresses", {"address": _ADDRESS, "label": "Office"}),
    call("remove an address", "wang", "DELETE /customers/{wang}/addresses/{wang address}"),
    call(
        "keep a certificate",
        "wang",
        "POST /customers/{wang}/tax-exemptions",
        {"kind": "exempt", "number": "SH-{side}", "note": "Seen."},
    ),
    call(
        "change a certificate",
        "wang",
        "PUT /customers/{wang}/tax-exemptions/{wang exemption}",
        {"kind": "exempt", "number": "SH-7", "places": ["CN-SH"]},
    ),
    call("remove a certificate", "wang", "DELETE /customers/{wang}/tax-exemptions/{wang exemption}"),
    call(
        "keep a scan",
        "wang",
        "PUT /customers/{wang}/tax-exemptions/{wang exemption}/certificate",
        worlds.PAPER + b", a newer one",
    ),
    call("remove a scan", "wang", "DELETE /customers/{wang}/tax-exemptions/{wang exemption}/certificate"),
    call("tag", "wang", "PUT /customers/{wang}/tags", {"tags": ["VIP", "{side}"]}),
    call("note", "wang", "POST /customers/{wang}/notes", {"text": "Prefers evenings."}),
    call(
        "consent",
        "wang",
        "POST /customers/{wang}/consents",
        {"is_granted": True, "purpose": "marketing_email", "source": "Checkout"},
    ),
    call("let in or out", "wang", "PUT /customers/{wang}/account", {"is_active": False}),
    call("mail a link", "wang", "POST /customers/{wang}/account/links"),
    call("merge", "wang, group", "POST /customers/{wang}/merges", {"merged_id": "{li}"}),
    call("merge away", "wang, group", "POST /customers/{li}/merges", {"merged_id": "{wang}"}),
    call("undo a merge", "wang, group", "DELETE /customers/{wang}/merges/{twin}"),
    call("add a group", "group", "POST /customer-groups", {"code": "vip", "name": "VIP {side}"}),
    call("rename a group", "group", "PATCH /customer-groups/{idle group}", {"name": "Idle {side}"}),
    call("remove a group", "group", "DELETE /customer-groups/{idle group}"),
    call(
        "put into a group", "group", "POST /customer-groups/{idle group}/members", {"customer_ids": ["{wang}", "{li}"]}
    ),
    call(
        "take out of a group",
        "group",
        "POST /customer-groups/{dealers}/members/removals",
        {"customer_ids": ["{wang}", "{li}"]},
    ),
    call("choose groups", "group", "PUT /customers/{wang}/groups", {"groups": ["idle"]}),
    use_case("write who they are", "wang", lambda tx, ids: customers.write_terms(tx, {UUID(ids["wang"])})),
    call("assign a case", "case, money case", "POST /cases/{case}/assignment", {"assignee_id": "{staff}"}),
    call("note a case", "case", "POST /cases/{case}/notes", {"text": "The bank was called."}),
    call("resolve a case", "case, money case", "POST /cases/{case}/resolution", {"resolution": "Refunded."}),
    call("add a role", "staff", "POST /roles", {"code": "packer", "name": "Packer", "permissions": ["orders:read"]}),
    call("change a role", "staff", "PATCH /roles/{role}", {"permissions": ["orders:read", "orders:hold"]}),
    call("remove a role", "staff", "DELETE /roles/{role}"),
    call("give a role", "staff", "PATCH /staff/{staff}", {"role": "idle"}),
    call("dismiss", "staff", "PATCH /staff/{staff}", {"is_active": False}),
    call("dismiss an owner", "staff", "PATCH /staff/{second owner}", {"role": "helper"}),
    call("dismiss the other owner", "staff", "PATCH /staff/{owner}", {"role": "helper"}),
    call("invite", "staff", "POST /invitations", {"email": "zhao@example.com", "name": "Zhao", "role": "idle"}),
    call("take an invitation back", "staff", "DELETE /invitations/{invited}"),
    call("reset a password", "staff", "POST /staff/{staff}/password-resets"),
    call("make a key", "staff", "POST /api-keys", {"name": "Shop", "permissions": ["orders:read"]}),
    call("revoke a key", "staff", "DELETE /api-keys/{api key}"),
    call("change settings", "settings", "PATCH /settings", {"backorder": True, "name": "House {side}"}),
    call("change the shop", "settings, shop", "PATCH /storefront", {"tagline": "Good tea {side}", "is_open": True}),
    call("close the shop", "settings, shop", "PATCH /storefront", {"is_open": False, "terms": "No returns."}),
]


async def _render(tx: Tx, ids: Mapping[str, str]) -> object:
    """Give a picture a smaller copy, as the worker does once its bytes are stored."""
    copy = Rendition(2, f"{tx.tenant}/00/{'0' * 64}.webp", "image/webp", 2, 2, 9)
    return await catalog.record_renditions(tx, image_id=UUID(ids["picture"]), renditions=[copy])


ON_GOODS = [
    call("add a product", "goods", "POST /products", {"code": "CUP", "name": "Cup", "skus": [{"code": "CUP"}]}),
    call(
        "add products",
        "goods, pot's product",
        "POST /products/batch",
        {
            "products": [
                {"code": "CUP", "name": "Cup {side}", "skus": [{"code": "CUP"}]},
                {"code": "POT", "name": "Pot {side}", "skus": [{"code": "TEA-POT"}]},
            ]
        },
    ),
    call("change a product", "goods, category", "PATCH /products/{TEA}", {"name": "Green tea {side}"}),
    call("retire a product", "goods", "PATCH /products/{TEA}", {"status": "archived"}),
    call("make variants", "goods", "POST /products/{TEA}/variants"),
    call(
        "change a SKU",
        "goods",
        "PATCH /skus/{TEA-250}",
        {"prices": [{"currency": "CNY", "unit_minor": 4_100}], "weight_g": 60},
    ),
    call(
        "set prices",
        "goods",
        "POST /prices/batch",
        {"skus": [{"code": "TEA-250", "prices": [{"currency": "CNY", "unit_minor": 4_200}]}]},
    ),
    use_case("index", "goods", lambda tx, ids: catalog.index_products(tx, product_ids={UUID(ids["TEA"])})),
    call("add a picture", "pictures", "POST /products/{POT}/images", worlds.picture("blue")),
    call(
        "arrange pictures",
        "pictures",
        "PUT /products/{POT}/images/order",
        {"image_ids": ["{second picture}", "{picture}"]},
    ),
    call("describe a picture", "pictures", "PATCH /images/{picture}", {"alt_text": "A pot {side}"}),
    use_case("render a picture", "pictures", _render),
    call("remove a picture", "pictures", "DELETE /images/{picture}"),
    call("add a category", "category", "POST /categories", {"code": "pots", "name": "Pots"}),
    call("change a category", "category", "PUT /categories/{category}", {"name": "Teas {side}", "position": 2}),
    call("remove a category", "category", "DELETE /categories/{category}"),
    call("file a product", "category, pot's product", "PATCH /products/{POT}", {"category": "empty"}),
    call(
        "set taxes",
        "rules, goods",
        "PUT /price-rules/tax-rates",
        {"tax_rates": [{"country": "CN", "rate_ppm": 130_000, "tax_class": "standard"}]},
    ),
    call(
        "set fees",
        "rules, goods",
        "PUT /price-rules/shipping-fees",
        {"shipping_fees": [{"currency": "CNY", "fee_minor": 800}]},
    ),
    call(
        "set postal areas",
        "area",
        "PUT /postal-areas",
        {"postal_areas": [{"country": "CN", "prefix": "2000", "lat": 31.0, "lon": 121.0}]},
    ),
    call("remove a postal area", "area", "DELETE /postal-areas/CN/2000"),
    call("set up a carrier", "carrier", "PUT /carriers", {**CARRIER, "name": "Couriers {side}"}),
    call("set up a new carrier", "carrier", "PUT /carriers", {**CARRIER, "code": "NEW", "name": "New {side}"}),
    call("set handling days", "handling", "PUT /handling-days", {"days": {"SH-1": {"p50_days": 1, "p90_days": 2}}}),
    call("set up a provider", "provider", "PUT /payment-providers/sandbox", {"is_active": False}),
    call("money comes in", "wire", "POST /payments", {"amount_minor": 2_000, "currency": "CNY", "reference": "wire-2"}),
    call("begin an import", "import", "POST /imports?kind=products", b"sku,name,price\nPAN,Pan,22.00\n"),
    use_case("forget old imports", "import", lambda tx, _: imports.forget_old(tx)),
    call("map an import", "import", "PUT /imports/{import}/mapping", {"mapping": {"sku": "sku", "name": "name"}}),
    call("try an import", "import", "POST /imports/{import}/dry-run"),
    call("run an import", "import", "POST /imports/{import}/run"),
    call(
        "discard a letter",
        "letter",
        "POST /dead-letters/discard",
        {"letters": [{"event_id": "{letter}", "handler": "orders.write_terms"}], "reason": "A test."},
    ),
    call(
        "requeue a letter",
        "letter",
        "POST /dead-letters/requeue",
        {"letters": [{"event_id": "{letter}", "handler": "orders.write_terms"}]},
    ),
    use_case("forget old keys", "wire", lambda tx, _: idempotency.expire(tx)),
]

OPERATIONS = [*ON_PLACING, *ON_CARTS, *ON_STOCK, *ON_PEOPLE, *ON_GOODS]
