"""Reading the settings of an account: strict, by the name of what is wrong."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from jiedan.base import reasons
from jiedan.base.i18n import Phrase
from jiedan.carriers import errors

S = TypeVar("S", bound=msgspec.Struct)

PLACEHOLDER = "{number}"

Days = Annotated[int, msgspec.Meta(ge=0, le=365)]
Address = Annotated[str, msgspec.Meta(max_length=500)]


def read(settings: Mapping[str, Any], kind: type[S]) -> S:
    """Return settings as an adapter's own struct. Raises CarrierSettingsInvalid."""
    try:
        return msgspec.convert(dict(settings), kind)
    except msgspec.ValidationError as error:
        raise errors.CarrierSettingsInvalid(reasons.quoted(str(error)), field="settings") from error


def check_address(address: str) -> None:
    """Raise CarrierSettingsInvalid unless `address` is empty or a web address with `{number}` in it."""
    if not address:
        return
    parts = urlsplit(address.replace(PLACEHOLDER, "0"))
    if parts.scheme not in {"http", "https"} or not parts.netloc or PLACEHOLDER not in address:
        problem = Phrase("tracking_url must be a web address that contains {placeholder}", placeholder=PLACEHOLDER)
        raise errors.CarrierSettingsInvalid(problem, field="settings.tracking_url")


def filled(address: str, number: str) -> str | None:
    """Return a tracking address for a number; None without an address."""
    return address.replace(PLACEHOLDER, quote(number, safe="")) if address else None
