"""An address as it is typed: every field that the addresses of any country have, and the address they make."""

from typing import Annotated

import msgspec

from jiedan.base.web import forms
from jiedan.customers.values import ADDRESS_FIELD_CHARACTERS_MAX, Address

Line = Annotated[str, msgspec.Meta(max_length=ADDRESS_FIELD_CHARACTERS_MAX)]

PLACE = ("country", "company", "region", "city", "district", "line1", "line2", "postal_code")
"""The fields that say where something goes."""

FIELDS = ("name", "phone", *PLACE)
"""Those, and who is there."""


class PlaceForm(forms.Form, kw_only=True):
    """Where something goes."""

    country: Line = ""
    company: Line = ""
    region: Line = ""
    city: Line = ""
    district: Line = ""
    line1: Line = ""
    line2: Line = ""
    postal_code: Line = ""

    def address_of(self, *, name: str, phone: str) -> Address:
        """Return the address of somebody there."""
        return Address(name=name, phone=phone, **{field: getattr(self, field) for field in PLACE})


class AddressForm(PlaceForm, kw_only=True):
    """Where something goes, and to whom."""

    name: Line = ""
    phone: Line = ""

    def address(self) -> Address:
        """Return the address that was typed."""
        return self.address_of(name=self.name, phone=self.phone)
