"""REST of tax rates and flat shipping fees."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, get, put

from jiedan.accounts import queries as accounts
from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.pricing import queries, service, values

ROWS_PER_CALL_MAX = 1_000

RatePpm = Annotated[int, msgspec.Meta(ge=0, le=values.RATE_PPM_MAX)]


class TaxRateBody(bodies.Body):
    """One tax rate in parts per million; null removes it."""

    country: bodies.Code
    tax_class: bodies.Code
    rate_ppm: RatePpm | None


class TaxRatesBody(bodies.Body):
    """Tax rates to set; those not named stay."""

    __example__: ClassVar[dict[str, Any]] = {
        "tax_rates": [{"country": "CN", "tax_class": "standard", "rate_ppm": 130_000}]
    }

    tax_rates: Annotated[list[TaxRateBody], msgspec.Meta(min_length=1, max_length=ROWS_PER_CALL_MAX)]


class ShippingFeeBody(bodies.Body):
    """The flat fee of one currency, waived from `free_from_minor` of goods on."""

    currency: bodies.Code
    fee_minor: bodies.AmountMinor
    free_from_minor: bodies.AmountMinor | None = None
    tax_class: bodies.Code = "standard"


class ShippingFeesBody(bodies.Body):
    """Shipping fees to set; those not named stay."""

    __example__: ClassVar[dict[str, Any]] = {
        "shipping_fees": [{"currency": "CNY", "fee_minor": 800, "free_from_minor": 9900}]
    }

    shipping_fees: Annotated[list[ShippingFeeBody], msgspec.Meta(min_length=1, max_length=ROWS_PER_CALL_MAX)]


class TaxRateView(msgspec.Struct, frozen=True):
    """One tax rate."""

    country: str
    tax_class: str
    rate_ppm: int


class ShippingFeeView(msgspec.Struct, frozen=True):
    """The flat fee of one currency."""

    currency: str
    fee_minor: int
    free_from_minor: int | None
    tax_class: str


class PriceRulesView(msgspec.Struct, frozen=True):
    """Everything that prices an order beside unit prices, under its version."""

    version: int
    prices_include_tax: bool
    tax_rates: list[TaxRateView]
    shipping_fees: list[ShippingFeeView]


async def _rules(unit: Unit) -> PriceRulesView:
    async with unit.read() as tx:
        settings = await tx.load_one(accounts.settings())
        rules = await tx.load_one(queries.rules(prices_include_tax=settings.prices_include_tax))
    return PriceRulesView(
        version=rules.version,
        prices_include_tax=rules.prices_include_tax,
        tax_rates=[TaxRateView(*key, rate) for key, rate in sorted(rules.tax_rates.items())],
        shipping_fees=[ShippingFeeView(currency, *fee) for currency, fee in sorted(rules.shipping.items())],
    )


@get("/price-rules", permission="prices:read", summary="Get tax rates and shipping fees")
async def get_price_rules(unit: Unit) -> PriceRulesView:
    """Return what prices an order beside unit prices."""
    return await _rules(unit)


@get(
    "/price-rules/tax-rates",
    permission="prices:read",
    media_type="text/csv",
    summary="Download the tax rates of the draft",
)
async def download_tax_rates(unit: Unit) -> Response[bytes]:
    """Return the tax rates of the draft as CSV, with the columns that an import of `tax-rates` takes."""
    async with unit.read() as tx:
        content = await queries.tax_rates_csv(tx)
    headers = {"content-disposition": 'attachment; filename="tax-rates.csv"'}
    return Response(content, media_type="text/csv", headers=headers)


@put("/price-rules/tax-rates", permission="prices:publish", summary="Set tax rates")
async def set_tax_rates(unit: Unit, data: TaxRatesBody) -> PriceRulesView:
    """Set or remove tax rates; the next batch everywhere prices by them."""
    rows = [service.TaxRateRow(r.country, r.tax_class, r.rate_ppm) for r in data.tax_rates]
    await unit.write(lambda tx: service.set_tax_rates(tx, rows=rows))
    return await _rules(unit)


@put("/price-rules/shipping-fees", permission="prices:publish", summary="Set shipping fees")
async def set_shipping_fees(unit: Unit, data: ShippingFeesBody) -> PriceRulesView:
    """Set flat shipping fees; the next batch everywhere prices by them."""
    rows = [service.ShippingFeeRow(r.currency, r.fee_minor, r.free_from_minor, r.tax_class) for r in data.shipping_fees]
    await unit.write(lambda tx: service.set_shipping_fees(tx, rows=rows))
    return await _rules(unit)


HANDLERS = (get_price_rules, download_tax_rates, set_tax_rates, set_shipping_fees)
