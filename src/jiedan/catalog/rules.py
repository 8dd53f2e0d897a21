"""Pure decisions of the catalog."""

from collections.abc import Sequence


def sku_name(product_name: str, option_values: Sequence[str]) -> str:
    """Return what a SKU is called on an order: the product and, where it has variants, the choices made."""
    return f"{product_name} – {' / '.join(option_values)}" if option_values else product_name
