"""What things of the catalog are called inside a refusal."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_

KINDS: Mapping[str, str] = MappingProxyType({"goods": N_("goods"), "service": N_("service"), "kit": N_("kit")})
"""The words for what a SKU is inside a sentence."""
