"""Tax rates: by country, region and postal area, as rules of the draft. Nothing is published by an import."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Phrase
from jiedan.imports import cells, errors
from jiedan.imports.values import Field, Outcome, Row
from jiedan.pricing import service as pricing
from jiedan.pricing.rules.taxes import rows as written
from jiedan.pricing.values import ANY_COUNTRY, TAX_NAME, TaxRate

_COLUMNS = {
    "rate_ppm": "percent",
    "component": "name",
    "is_compound": "compound",
    "from_at": "from",
    "until_at": "until",
}
_POSITION_MAX = 1_000_000


class TaxRates:
    """Rates of taxes by place and class, one a row."""

    kind = "tax-rates"
    permission = "prices:write"
    fields: tuple[Field, ...] = (
        Field("percent", N_("Rate in percent, like 8.875"), ("rate", "tax rate", "税率", "稅率"), True),
        Field("country", N_("Country code, * for all others; without it all"), ("country code", "国家", "國家")),
        Field("region", N_("Province or state"), ("province", "state", "省", "省份", "縣市")),
        Field(
            "postal",
            N_("Beginning of the postal codes, or a range like 94105..94110"),
            ("postal code", "zip", "postcode", "邮编", "郵遞區號"),
        ),
        Field("tax_class", N_("Tax class; without it standard"), ("class", "tax class", "税类", "稅別")),
        Field("name", N_("Name of the tax; without it tax"), ("component", "tax", "税种", "稅種")),
        Field("compound", N_("Whether it is levied on taxes before it, yes or no"), ("is_compound", "复合", "複合")),
        Field("position", N_("Place among the taxes, for compound ones"), ("order", "顺序", "順序")),
        Field("from", N_("First day, or moment"), ("valid from", "from_at", "生效日期")),
        Field("until", N_("Last day, or the moment at which it ends"), ("valid until", "until_at", "失效日期")),
    )

    def key(self, row: Row) -> str | None:  # noqa: ARG002 - each row stands alone
        """Say that rows may be cut apart anywhere."""
        return None

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Write rates into the draft, over those of the same place, class, name and beginning."""
        zone = ZoneInfo((await tx.load_one(accounts.settings())).time_zone)
        outcomes: dict[int, Outcome] = {}
        rates: list[tuple[Row, TaxRate]] = []
        faults = cells.Faults()
        for row in rows:
            rate = _rate(row, faults, zone)
            if rate is None:
                outcomes[row.number] = faults.of(row)
            else:
                rates.append((row, rate))
        done = await pricing.write_tax_rates(tx, rates=[rate for _, rate in rates])
        for (row, _), outcome in zip(rates, done, strict=True):
            outcomes[row.number] = outcome if isinstance(outcome, str) else tuple(map(_of_column, outcome))
        return [outcomes[row.number] for row in rows]


def _rate(row: Row, faults: cells.Faults, zone: ZoneInfo) -> TaxRate | None:
    rate_ppm = faults.read(row, _percent)
    is_compound = faults.read(row, cells.yes, "compound")
    position = faults.read(row, _position)
    from_at = faults.read(row, cells.moment, "from", zone)
    until_at = faults.read(row, _end, zone)
    if rate_ppm is None or faults.of(row):
        return None
    texts = row.values
    return TaxRate(
        tax_class=texts.get("tax_class", "standard"),
        rate_ppm=rate_ppm,
        country=texts.get("country", ANY_COUNTRY).upper(),
        region=texts.get("region", ""),
        postal=texts.get("postal", ""),
        component=texts.get("name", TAX_NAME),
        is_compound=bool(is_compound),
        position=position or 0,
        from_at=_plain(from_at),
        until_at=_plain(until_at),
    )


def _percent(row: Row) -> int:
    """Return a rate in parts per million. Raises CellMissing, CellInvalid."""
    given = cells.needed(row, "percent")
    found = written.ppm_of(given)
    if found is None:
        raise errors.CellInvalid(given[: cells.SHOWN_MAX], Phrase("a percentage like 8.875"), field="percent")
    return found


def _position(row: Row) -> int | None:
    """Return the place among the taxes. Raises CellInvalid."""
    found = cells.integer(row, "position")
    if found is not None and not 0 <= found <= _POSITION_MAX:
        given = row.values["position"]
        raise errors.CellInvalid(given[: cells.SHOWN_MAX], Phrase("a whole number"), field="position")
    return found


def _end(row: Row, zone: ZoneInfo) -> dt.datetime | None:
    """Return when the last day is over, or the very moment where a time is given. Raises CellInvalid."""
    at = cells.moment(row, "until", zone)
    if at is None or not cells.is_day(row, "until") or at.year == dt.MAXYEAR:
        return at
    return at + dt.timedelta(days=1)


def _plain(at: dt.datetime | None) -> dt.datetime | None:
    """Return a moment in UTC, as rules keep it; one at the very edge of time as it stands."""
    if at is None:
        return None
    try:
        return at.astimezone(dt.UTC)
    except OverflowError:
        return at


def _of_column(refusal: Refusal) -> Refusal:
    """Return a refusal of a rule with the column that it is about."""
    refusal.field = _COLUMNS.get(refusal.field or "", refusal.field)
    return refusal


TAX_RATES = TaxRates()
