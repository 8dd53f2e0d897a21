"""What Jiedan holds of the set: every total counted by SQL, from facts and cases."""

from typing import Any

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.imports.presets.olist import goods
from jiedan.imports.presets.olist.files import COUNTRY, Olist
from jiedan.imports.presets.olist.lives import CHANNEL
from jiedan.imports.presets.olist.placing import METHODS

SQL = sql.load("jiedan.imports.presets.olist", "stored.sql")


async def stored(tx: ReadTx, olist: Olist) -> dict[str, int]:
    """Return what is stored of the set by the names of the report's totals and dirt; amounts in centavos."""
    of_orders = {"channel": CHANNEL}
    mended = sorted(olist.mended_prefixes)
    mended_sellers = sorted(code for code, place in olist.sellers.items() if place.prefix in olist.mended_prefixes)
    names = {code: name for code, name in goods.categories(olist).items() if code in olist.categories}
    found: dict[str, int] = {}
    for name, parameters in (
        ("orders", of_orders),
        ("payments", of_orders),
        ("money", of_orders),
        ("ways", of_orders),
        ("products", {"codes": sorted(olist.products)}),
        ("sellers", {"codes": sorted(olist.sellers), "mended_codes": mended_sellers}),
        ("places", {"country": COUNTRY, "prefixes": sorted(olist.coordinates), "mended": mended}),
        ("addresses", {**of_orders, "mended": mended}),
        ("translations", {"codes": list(names), "names": list(names.values())}),
    ):
        found |= await _counted(tx, name, parameters)
    return found | {f"paid_by_{kind}": found[method] for kind, method in METHODS.items()}


async def _counted(tx: ReadTx, name: str, parameters: dict[str, Any]) -> dict[str, int]:
    columns, (row,) = await tx.table(SQL[name], **parameters)
    return dict(zip(columns, row, strict=True))
