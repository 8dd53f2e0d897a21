"""Pictures of goods for those who fetch and pack them: what is meant is seen sooner than it is read."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.catalog.rules import sources
from jiedan.catalog.values import Image, Source

READ = "catalog:read"
"""What it takes to see them."""


def by_sku(images: Mapping[UUID, Image]) -> dict[UUID, Source]:
    """Return where the picture of each SKU is fetched from."""
    return {sku_id: sources.source(image, f"/api/v1/images/{image.image_id}") for sku_id, image in images.items()}
