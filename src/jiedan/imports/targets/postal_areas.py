"""Postal areas: where the places of a country are, by the beginning of their postal codes."""

from collections.abc import Sequence

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.imports import cells
from jiedan.imports.values import Field, Outcome, Row
from jiedan.sourcing import service as sourcing


class PostalAreas:
    """Coordinates by country and prefix of the postal code."""

    kind = "postal-areas"
    permission = "settings:write"
    fields: tuple[Field, ...] = (
        Field(
            "prefix",
            N_("Beginning of the postal codes"),
            ("postal code", "zip", "zip_code_prefix", "邮编", "郵遞區號"),
            True,
        ),
        Field("lat", N_("Latitude in degrees"), ("latitude", "geolocation_lat", "纬度", "緯度"), True),
        Field("lon", N_("Longitude in degrees"), ("lng", "longitude", "geolocation_lng", "经度", "經度"), True),
        Field("country", N_("Country code; without it the merchant's"), ("country code", "国家", "國家")),
    )

    def key(self, row: Row) -> str | None:  # noqa: ARG002 - each row stands alone
        """Say that rows may be cut apart anywhere."""
        return None

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Add or replace postal areas."""
        country = (await tx.load_one(accounts.settings())).country
        outcomes: dict[int, Outcome] = {}
        areas: list[tuple[Row, sourcing.PostalAreaRow]] = []
        faults = cells.Faults()
        for row in rows:
            prefix = faults.read(row, cells.needed, "prefix")
            lat, lon = (
                faults.read(row, cells.decimal, field) if faults.read(row, cells.needed, field) else None
                for field in ("lat", "lon")
            )
            if prefix is None or lat is None or lon is None:
                outcomes[row.number] = faults.of(row)
                continue
            areas.append((row, sourcing.PostalAreaRow(row.values.get("country", country), prefix, lat, lon)))
        saved = await sourcing.upsert_postal_areas(tx, rows=[area for _, area in areas])
        for (row, _), done in zip(areas, saved, strict=True):
            outcomes[row.number] = (done,) if isinstance(done, Refusal) else "updated"
        return [outcomes[row.number] for row in rows]


POSTAL_AREAS = PostalAreas()
