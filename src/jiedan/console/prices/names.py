"""What things behind the codes of rules are called, for sentences about them."""

from collections.abc import Collection, Iterable

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.console.prices import typed
from jiedan.console.prices.people import id_of
from jiedan.console.words import CHANNELS, METHODS, TERMS
from jiedan.customers import queries as customers
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values import promotions


async def reader(
    tx: ReadTx, unit: Unit, told: Collection[promotions.Promotion], *, home: str = "", also: Collection[str] = ()
) -> Reader:
    """Return who reads, with the names of everything that promotions are about. Up to four statements.

    `also` are other customers to be named, by id.

    `home` is the merchant's country, for those who are told how tax is charged.
    """
    traits = {trait for one in told for trait in wording.traits(one)}
    names = {f"promotion:{one.id}": one.name for one in told}
    names |= {f"channel:{code}": i18n.gettext(unit.locale, word) for code, word in CHANNELS.items()}
    names |= {f"payment:{code}": i18n.gettext(unit.locale, word) for code, word in METHODS.items()}
    names |= {f"terms:{code}": i18n.gettext(unit.locale, word) for code, word in TERMS.items()}
    codes = {trait.removeprefix("sku:") for trait in traits if trait.startswith("sku:")}
    if codes:
        names |= {f"sku:{code}": sku.name for code, sku in (await tx.load_one(catalog.sellable_skus(codes))).items()}
    if any(trait.startswith("category:") for trait in traits):
        names |= {f"category:{category.code}": category.name for category in await catalog.categories(tx)}
    if any(one.when.groups for one in told) and unit.may("customers:read"):
        names |= {f"group:{group.code}": group.name for group in await customers.groups(tx)}
    named = {customer for one in told for customer in one.when.customers}
    names |= {f"customer:{one}": name for one, name in (await people(tx, unit, [*named, *also])).items()}
    return Reader(unit.locale, unit.principal.time_zone, names, home=home)


async def people(tx: ReadTx, unit: Unit, texts: Iterable[str]) -> dict[str, str]:
    """Return the names of customers whose ids stand in these texts, a merged one's survivor's. One statement, or none.

    Nobody is named to who may not see customers.
    """
    ids = {found for text in texts for found in map(id_of, typed.texts(text)) if found is not None}
    if not ids or not unit.may("customers:read"):
        return {}
    known = await tx.load_one(customers.existing(ids))
    return {str(customer_id): one.name for customer_id, one in known.items()}


async def with_skus(tx: ReadTx, reader: Reader, codes: Collection[str]) -> Reader:
    """Return a reader who knows the names of these SKUs too. One statement where some are not known yet."""
    missing = {code for code in codes if f"sku:{code}" not in reader.names}
    if not missing:
        return reader
    found = await tx.load_one(catalog.sellable_skus(missing))
    return reader._replace(names={**reader.names, **{f"sku:{code}": sku.name for code, sku in found.items()}})
