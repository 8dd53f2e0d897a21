"""What a merchant sells: products, their variants (SKUs), prices, kits, categories and images.

Words: a *product* is what a shopper reads about; an *option* ("Color") spans its *variants*; each variant is one *SKU*,
the unit that is sold, stocked and priced. A *kit* is a SKU made of other SKUs: it has a price of its own and no stock.
A *service* is sold and performed, never stocked. A *price tier* is a unit price from a quantity upwards, in a currency.

Doors: `queries.offers`, `queries.sellable_skus`, `queries.price_tiers` and `queries.skus_by_id` for placement and
stock; `service.upsert_products` for importers and connectors; the rest of `service` and `queries` for people.
"""
