"""What the frame of a merchant's shop shows on every page: name, logo, places, cart, languages and currencies."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shopfront:
    """The merchant as its customers see it; the layout `base/portal.html` takes it as `shop`.

    Addresses are whole paths of this site; an empty one leaves its part of the page away. `places` and `links` are
    pairs of a text in the reader's language and an address: what stands above, and in the footer. `hue` is that of the
    merchant's accent, 0–359, or None for the house's own. `in_cart` counts pieces; `locales` are the languages offered,
    all of ours where nothing is said.
    """

    name: str
    home: str
    logo: str = ""
    hue: int | None = None
    places: tuple[tuple[str, str], ...] = ()
    search: str = ""
    account: str = ""
    cart: str = ""
    in_cart: int = 0
    locales: tuple[str, ...] = ()
    currency: str = ""
    currencies: tuple[str, ...] = ()
    choose_currency: str = ""
    links: tuple[tuple[str, str], ...] = ()
