"""What happens to the catalog."""

from uuid import UUID

from jiedan.base.events import Event


class ProductCreated(Event, frozen=True):
    """A product and its SKUs were added."""

    kind = "catalog.product_created"
    subject_kind = "product"
    subject = "product_id"

    product_id: UUID
    code: str


class ProductChanged(Event, frozen=True):
    """A product or one of its SKUs was edited; `fields` names them, those of SKUs like `skus[CODE].barcode`."""

    kind = "catalog.product_changed"
    subject_kind = "product"
    subject = "product_id"

    product_id: UUID
    code: str
    version: int
    fields: list[str]


class CategoryCreated(Event, frozen=True):
    """A category was added to the tree."""

    kind = "catalog.category_created"
    subject_kind = "category"
    subject = "category_id"

    category_id: UUID
    code: str


class CategoryChanged(Event, frozen=True):
    """A category was renamed, moved or reordered."""

    kind = "catalog.category_changed"
    subject_kind = "category"
    subject = "category_id"

    category_id: UUID
    code: str
    version: int
    fields: list[str]


class CategoryRemoved(Event, frozen=True):
    """An empty category was taken out of the tree."""

    kind = "catalog.category_removed"
    subject_kind = "category"
    subject = "category_id"

    category_id: UUID
    code: str


class ImageAdded(Event, frozen=True):
    """A picture of a product was stored."""

    kind = "catalog.image_added"
    subject_kind = "product"
    subject = "product_id"

    product_id: UUID
    image_id: UUID


class ImageDescribed(Event, frozen=True):
    """What a picture shows was put into other words, for those who do not see it."""

    kind = "catalog.image_described"
    subject_kind = "product"
    subject = "product_id"

    product_id: UUID
    image_id: UUID


class ImagesArranged(Event, frozen=True):
    """The pictures of a product were put into another order."""

    kind = "catalog.images_arranged"
    subject_kind = "product"
    subject = "product_id"

    product_id: UUID


class ImageRemoved(Event, frozen=True):
    """A picture of a product was taken away."""

    kind = "catalog.image_removed"
    subject_kind = "product"
    subject = "product_id"

    product_id: UUID
    image_id: UUID
