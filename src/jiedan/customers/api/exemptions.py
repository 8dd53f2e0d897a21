"""REST of why customers pay no tax: certificates, and VAT numbers for reverse charge."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put

from jiedan.base.db import ReadTx
from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries, service, values
from jiedan.customers.values.certificates import CertificateFile, CertificateType

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=values.EXEMPTION_TEXT_CHARACTERS_MAX)]
Place = Annotated[str, msgspec.Meta(min_length=2, max_length=6)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class ExemptionBody(bodies.Body):
    """A certificate, for the places and tax classes it names or for all, or a VAT number with the letters of a country.

    It holds from `from_at` on and ends before `until_at`.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "kind": "exempt",
        "number": "TX-2026-118",
        "places": ["US-CA", "US-NV"],
        "from_at": "2026-01-01T00:00:00Z",
        "until_at": "2029-01-01T00:00:00Z",
        "note": "Resale certificate, checked by phone.",
    }

    kind: values.ExemptionKind
    number: Number
    places: Annotated[tuple[Place, ...], msgspec.Meta(max_length=values.EXEMPTION_PLACES_MAX)] = ()
    classes: Annotated[tuple[Number, ...], msgspec.Meta(max_length=values.EXEMPTION_CLASSES_MAX)] = ()
    from_at: Moment | None = None
    until_at: Moment | None = None
    note: Annotated[str, msgspec.Meta(max_length=values.EXEMPTION_NOTE_CHARACTERS_MAX)] = ""

    def exemption(self) -> values.TaxExemption:
        """Return the body as the service takes it."""
        return values.TaxExemption(
            exemption_id=values.ExemptionId(UUID(int=0)),
            kind=self.kind,
            number=self.number,
            places=self.places,
            classes=self.classes,
            from_at=self.from_at,
            until_at=self.until_at,
            note=self.note,
        )


class CertificateView(msgspec.Struct, frozen=True):
    """The scan that is kept with an exemption, the SHA-256 of its bytes in hexadecimal, and where it is fetched."""

    file_name: str
    media_type: CertificateType
    size_bytes: int
    sha256: str
    kept_at: datetime
    url: str


class ExemptionView(msgspec.Struct, frozen=True):
    """Why a customer pays no tax; `certificate` is the scan of the paper, where one is kept."""

    exemption_id: UUID
    kind: values.ExemptionKind
    number: str
    places: tuple[str, ...]
    classes: tuple[str, ...]
    from_at: datetime | None
    until_at: datetime | None
    note: str
    certificate: CertificateView | None


def certificate_view(customer_id: UUID, file: CertificateFile) -> CertificateView:
    """Return what the API tells of a scan."""
    url = f"/api/v1/customers/{customer_id}/tax-exemptions/{file.exemption_id}/certificate"
    return CertificateView(file.file_name, file.media_type, file.size_bytes, file.digest.hex(), file.kept_at, url)


async def _views(tx: ReadTx, customer_id: UUID) -> list[ExemptionView]:
    """Return a customer's exemptions with their scans. Two statements."""
    kept = await queries.tax_exemptions(tx, customer_id)
    files = await queries.certificates(tx, [customer_id])
    scans = {key: certificate_view(customer_id, file) for key, file in files.items()}
    return [ExemptionView(**msgspec.structs.asdict(x), certificate=scans.get(x.exemption_id)) for x in kept]


async def _shown(unit: Unit, customer_id: UUID, exemption_id: UUID) -> ExemptionView:
    async with unit.read() as tx:
        views = await _views(tx, customer_id)
    for view in views:
        if view.exemption_id == exemption_id:
            return view
    raise errors.ExemptionNotFound(str(exemption_id))


@get(
    "/customers/{customer_id:uuid}/tax-exemptions",
    permission="customers:read",
    summary="List why a customer pays no tax",
)
async def list_exemptions(unit: Unit, customer_id: UUID) -> list[ExemptionView]:
    """List a customer's certificates and VAT numbers, oldest first, those that are over included."""
    async with unit.read() as tx:
        if not await queries.heads(tx, [customer_id]):
            raise errors.CustomerNotFound(str(customer_id))
        return await _views(tx, customer_id)


@post(
    "/customers/{customer_id:uuid}/tax-exemptions",
    permission="customers:write",
    idempotent=True,
    summary="Add a tax exemption",
)
async def add_exemption(unit: Unit, customer_id: UUID, data: ExemptionBody) -> Response[ExemptionView]:
    """Keep why a customer pays no tax; orders to come are taxed by it, those that are placed stay as they are."""
    key = unit.idempotency_key
    exemption_id = await unit.write(
        lambda tx: service.add_tax_exemption(tx, customer_id=customer_id, exemption=data.exemption(), key=key)
    )
    return Response(await _shown(unit, customer_id, exemption_id), status_code=201)


@put(
    "/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}",
    permission="customers:write",
    summary="Change a tax exemption",
)
async def change_exemption(unit: Unit, customer_id: UUID, exemption_id: UUID, data: ExemptionBody) -> ExemptionView:
    """Make a customer's exemption another; orders that are placed stay as they are."""
    await unit.write(
        lambda tx: service.change_tax_exemption(
            tx, customer_id=customer_id, exemption_id=exemption_id, exemption=data.exemption()
        )
    )
    return await _shown(unit, customer_id, exemption_id)


@delete(
    "/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}",
    permission="customers:write",
    summary="Remove a tax exemption",
)
async def remove_exemption(unit: Unit, customer_id: UUID, exemption_id: UUID) -> None:
    """Keep an exemption no longer, nor its scan; orders that are placed stay as they are."""
    await unit.write(lambda tx: service.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=exemption_id))


HANDLERS = (list_exemptions, add_exemption, change_exemption, remove_exemption)
