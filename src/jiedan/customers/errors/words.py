"""What fields are called inside a refusal."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "addresses": N_("addresses"),
        "city": N_("city"),
        "company": N_("company"),
        "contacts": N_("contacts"),
        "customers": N_("customers"),
        "district": N_("district"),
        "external_id": N_("external id"),
        "line1": N_("street and number"),
        "line2": N_("second address line"),
        "locale": N_("language"),
        "name": N_("name"),
        "note": N_("note"),
        "notes": N_("notes"),
        "phone": N_("phone"),
        "places": N_("places"),
        "postal_code": N_("postal code"),
        "region": N_("province or state"),
        "tag": N_("tag"),
        "tags": N_("tags"),
        "tax_classes": N_("tax classes"),
        "tax_exemptions": N_("tax exemptions"),
        "tax_number": N_("tax number"),
    }
)
"""What fields of customers and addresses are called inside a sentence."""
