"""Writes through which no crash is walked: forms whose service is walked through the API, and what is new."""

from collections.abc import Mapping

AS_BY_API: Mapping[str, str] = {
    "/c/{slug}/categories": "POST /api/v1/categories",
    "/c/{slug}/categories/{category_id}": "PUT /api/v1/categories/{category_id}",
    "/c/{slug}/categories/{category_id}/removal": "DELETE /api/v1/categories/{category_id}",
    "/c/{slug}/collect/{fulfillment_id}": "POST /api/v1/fulfillments/{fulfillment_id}/collection",
    "/c/{slug}/collect/{fulfillment_id}/code": "POST /api/v1/fulfillments/ready",
    "/c/{slug}/counts/new": "POST /api/v1/counts",
    "/c/{slug}/counts/{count_id}/application": "POST /api/v1/counts/{count_id}/application",
    "/c/{slug}/counts/{count_id}/cancellation": "POST /api/v1/counts/{count_id}/cancellation",
    "/c/{slug}/counts/{count_id}/tallies": "POST /api/v1/counts/{count_id}/tallies",
    "/c/{slug}/coupons": "POST /api/v1/coupon-batches",
    "/c/{slug}/coupons/{coupon_batch_id}/blocking": "POST /api/v1/coupons/blocking",
    "/c/{slug}/coupons/{coupon_batch_id}/changes": "PATCH /api/v1/coupon-batches/{coupon_batch_id}",
    "/c/{slug}/coupons/{coupon_batch_id}/codes": "POST /api/v1/coupon-batches/{coupon_batch_id}/coupons",
    "/c/{slug}/coupons/{coupon_batch_id}/customers": "POST /api/v1/coupon-batches/{coupon_batch_id}/customers",
    "/c/{slug}/customer-groups": "POST /api/v1/customer-groups",
    "/c/{slug}/customer-groups/{group_id}": "PATCH /api/v1/customer-groups/{group_id}",
    "/c/{slug}/customer-groups/{group_id}/members": "POST /api/v1/customer-groups/{group_id}/members",
    "/c/{slug}/customer-groups/{group_id}/members/removals": "POST /api/v1/customer-groups/{group_id}/members/removals",
    "/c/{slug}/customer-groups/{group_id}/removal": "DELETE /api/v1/customer-groups/{group_id}",
    "/c/{slug}/customers/new": "POST /api/v1/customers/batch",
    "/c/{slug}/customers/{customer_id}/account": "PUT /api/v1/customers/{customer_id}/account",
    "/c/{slug}/customers/{customer_id}/account/links": "POST /api/v1/customers/{customer_id}/account/links",
    "/c/{slug}/customers/{customer_id}/addresses": "POST /api/v1/customers/{customer_id}/addresses",
    "/c/{slug}/customers/{customer_id}/addresses/{address_id}/removal": (
        "DELETE /api/v1/customers/{customer_id}/addresses/{address_id}"
    ),
    "/c/{slug}/customers/{customer_id}/consents": "POST /api/v1/customers/{customer_id}/consents",
    "/c/{slug}/customers/{customer_id}/edit": "PATCH /api/v1/customers/{customer_id}",
    "/c/{slug}/customers/{customer_id}/erasure": "POST /api/v1/customers/{customer_id}/erasure",
    "/c/{slug}/customers/{customer_id}/groups": "PUT /api/v1/customers/{customer_id}/groups",
    "/c/{slug}/customers/{customer_id}/merges": "POST /api/v1/customers/{customer_id}/merges",
    "/c/{slug}/customers/{customer_id}/merges/undoing": "DELETE /api/v1/customers/{customer_id}/merges/{merged_id}",
    "/c/{slug}/customers/{customer_id}/notes": "POST /api/v1/customers/{customer_id}/notes",
    "/c/{slug}/customers/{customer_id}/tags": "PUT /api/v1/customers/{customer_id}/tags",
    "/c/{slug}/customers/{customer_id}/tax-exemptions": "POST /api/v1/customers/{customer_id}/tax-exemptions",
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}": (
        "PUT /api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}"
    ),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate": (
        "PUT /api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"
    ),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate/removal": (
        "DELETE /api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"
    ),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}/removal": (
        "DELETE /api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}"
    ),
    "/c/{slug}/customers/{customer_id}/wallets": "POST /api/v1/wallets/adjustments",
    "/c/{slug}/fulfillment/releases": "POST /api/v1/orders/releases",
    "/c/{slug}/fulfillment/{fulfillment_id}/pack/notes": "POST /api/v1/fulfillments/acknowledgements",
    "/c/{slug}/gift-cards/{wallet_id}/blocking": "PATCH /api/v1/gift-cards/{wallet_id}",
    "/c/{slug}/guest-erasure": "POST /api/v1/guest-erasures",
    "/c/{slug}/imports": "POST /api/v1/imports",
    "/c/{slug}/imports/{import_id}/columns": "PUT /api/v1/imports/{import_id}/mapping",
    "/c/{slug}/imports/{import_id}/runs": "POST /api/v1/imports/{import_id}/run",
    "/c/{slug}/locations/new": "POST /api/v1/locations",
    "/c/{slug}/locations/{location_id}": "PUT /api/v1/locations/{location_id}",
    "/c/{slug}/locations/{location_id}/removal": "DELETE /api/v1/locations/{location_id}",
    "/c/{slug}/loyalty": "PUT /api/v1/loyalty-rules",
    "/c/{slug}/orders/drafts/{draft_id}/placement": "POST /api/v1/order-drafts/{draft_id}/placement",
    "/c/{slug}/orders/drafts/{draft_id}/removal": "DELETE /api/v1/order-drafts/{draft_id}",
    "/c/{slug}/orders/drafts/{draft_id}/restoration": "POST /api/v1/order-drafts/{draft_id}/restoration",
    "/c/{slug}/orders/views/{view_id}": "PUT /api/v1/order-views/{view_id}",
    "/c/{slug}/orders/{order_id}/wallet-payments": "POST /api/v1/orders/{order_id}/wallet-payments",
    "/c/{slug}/payment-providers": "PUT /api/v1/payment-providers/{provider}",
    "/c/{slug}/postal-areas": "PUT /api/v1/postal-areas",
    "/c/{slug}/postal-areas/removal": "DELETE /api/v1/postal-areas/{country}/{prefix}",
    "/c/{slug}/prices/discard": "POST /api/v1/price-rules/changes/discard",
    "/c/{slug}/prices/lists": "PUT /api/v1/list-prices",
    "/c/{slug}/prices/lists/removals": "POST /api/v1/list-prices/removals",
    "/c/{slug}/prices/promotions/new": "POST /api/v1/price-rules/drafts",
    "/c/{slug}/prices/promotions/{rule_id}": "PUT /api/v1/price-rules/drafts/{rule_id}",
    "/c/{slug}/prices/promotions/{rule_id}/removal": "DELETE /api/v1/price-rules/drafts/{rule_id}",
    "/c/{slug}/prices/publish": "POST /api/v1/price-rules/versions",
    "/c/{slug}/prices/removals/{removal_id}/restoration": (
        "POST /api/v1/price-rules/removals/{removal_id}/restoration"
    ),
    "/c/{slug}/prices/rules/{place}/new": "POST /api/v1/price-rules/drafts",
    "/c/{slug}/prices/rules/{place}/{plain_rule_id}": "PUT /api/v1/price-rules/drafts/{rule_id}",
    "/c/{slug}/prices/rules/{place}/{plain_rule_id}/removal": "DELETE /api/v1/price-rules/drafts/{rule_id}",
    "/c/{slug}/prices/try": "POST /api/v1/pricing/quote",
    "/c/{slug}/prices/versions/{version}/restoring": "POST /api/v1/price-rules/versions/{version}/restorations",
    "/c/{slug}/prices/versions/{version}/withdrawal": "POST /api/v1/price-rules/versions/{version}/withdrawal",
    "/c/{slug}/products/new": "POST /api/v1/products",
    "/c/{slug}/products/{product_id}": "PATCH /api/v1/products/{product_id}",
    "/c/{slug}/products/{product_id}/images": "POST /api/v1/products/{product_id}/images",
    "/c/{slug}/products/{product_id}/images/order": "PUT /api/v1/products/{product_id}/images/order",
    "/c/{slug}/products/{product_id}/images/{image_id}/description": "PATCH /api/v1/images/{image_id}",
    "/c/{slug}/products/{product_id}/images/{image_id}/removal": "DELETE /api/v1/images/{image_id}",
    "/c/{slug}/products/{product_id}/skus/{sku_id}": "PATCH /api/v1/skus/{sku_id}",
    "/c/{slug}/shipments/leaving": "POST /api/v1/parcels/shipments",
    "/c/{slug}/stock/adjust": "POST /api/v1/stock/adjustments/batch",
    "/c/{slug}/stock/levels/{sku_id}/{location_id}": "PUT /api/v1/stock/thresholds",
    "/c/{slug}/stock/receive": "POST /api/v1/stock/receipts/batch",
    "/c/{slug}/transfers/new": "POST /api/v1/transfers",
    "/c/{slug}/transfers/{transfer_id}/closure": "POST /api/v1/transfers/{transfer_id}/closure",
    "/c/{slug}/transfers/{transfer_id}/receipts": "POST /api/v1/transfers/{transfer_id}/receipts",
    "/c/{slug}/transfers/{transfer_id}/shipments": "POST /api/v1/transfers/{transfer_id}/shipments",
    "/s/{slug}/account/wallets": "POST /api/v1/gift-cards/look-ups",
    "/s/{slug}/orders/{order_id}/cancel": "POST /api/v1/orders/{order_id}/cancellations",
    "/s/{slug}/orders/{order_id}/code": "POST /api/v1/fulfillments/ready",
    "/s/{slug}/orders/{order_id}/edit": "PATCH /api/v1/orders/{order_id}",
    "/s/{slug}/orders/{order_id}/requests": "POST /api/v1/orders/{order_id}/requests",
}
"""Forms that do in one transaction what a call of the API does, which is walked."""

NOT_YET: frozenset[str] = frozenset()
"""What has no stage of its own yet. Whoever gives one its stage takes it from here; nothing is added without need."""
