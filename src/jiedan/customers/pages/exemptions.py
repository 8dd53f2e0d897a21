"""Why a customer pays no tax: the form of a certificate or a VAT number, changing one, and taking it away."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import NotFound, Refusal, renamed
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries, service, values
from jiedan.customers.values import EXEMPTION_LABELS, ExemptionId, ExemptionKind, TaxExemption
from jiedan.customers.values.certificates import FORMAT_NAMES, CertificateFile

Text = Annotated[str, msgspec.Meta(max_length=1_000)]


class ExemptionForm(Form):
    """A certificate or a VAT number; places and tax classes set apart by spaces or commas, days by the shop's clock."""

    kind: ExemptionKind
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=values.EXEMPTION_TEXT_CHARACTERS_MAX)]
    places: Text = ""
    classes: Text = ""
    from_on: date | None = None
    until_on: date | None = None
    note: Annotated[str, msgspec.Meta(max_length=values.EXEMPTION_NOTE_CHARACTERS_MAX)] = ""

    def exemption(self, exemption_id: UUID, zone: ZoneInfo) -> TaxExemption:
        """Return what was typed as the service takes it; the last day is still in it."""
        return TaxExemption(
            exemption_id=ExemptionId(exemption_id),
            kind=self.kind,
            number=self.number,
            places=tuple(self.places.replace(",", " ").split()),
            classes=tuple(filter(None, map(str.strip, self.classes.split(",")))),
            from_at=_begin(self.from_on, zone),
            until_at=_begin(_after(self.until_on), zone),
            note=self.note,
        )


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)


def _after(day: date | None) -> date | None:
    """Return the day after, which there is none of behind the last one."""
    return day if day is None or day == date.max else date.fromordinal(day.toordinal() + 1)


def filled(exemption: TaxExemption, zone: ZoneInfo) -> dict[str, Any]:
    """Return the fields of the form of an exemption that is kept."""
    last = exemption.until_at
    return {
        "kind": exemption.kind,
        "number": exemption.number,
        "places": " ".join(exemption.places),
        "classes": ", ".join(exemption.classes),
        "from_on": "" if exemption.from_at is None else exemption.from_at.astimezone(zone).date().isoformat(),
        "until_on": "" if last is None else _last(last.astimezone(zone)).isoformat(),
        "note": exemption.note,
    }


def _last(until_at: datetime) -> date:
    """Return the last day that an exemption holds, at least for a part of it."""
    day = until_at.date()
    return date.fromordinal(day.toordinal() - 1) if until_at.time() == time() else day


@get("/customers/{customer_id:uuid}/tax-exemptions/new", permission="customers:write")
async def new_exemption_page(unit: Unit, customer_id: UUID) -> Response[str]:
    """Show the form of another exemption."""
    async with unit.read() as tx:
        await queries.customer(tx, customer_id)
    return _page(unit, forms.empty(unit, kind="exempt"), customer_id, None)


@get("/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}", permission="customers:write")
async def exemption_page(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[str]:
    """Show the form of an exemption that is kept."""
    kept, scan = await _kept(unit, customer_id, exemption_id)
    form = forms.empty(unit, **filled(kept, ZoneInfo(unit.principal.time_zone)))
    return _page(unit, form, customer_id, exemption_id, scan)


@post("/customers/{customer_id:uuid}/tax-exemptions", permission="customers:write")
async def add_exemption(unit: Unit, customer_id: UUID) -> Response[str]:
    """Keep another exemption."""
    form = await forms.read(unit, ExemptionForm)
    sent = form.value
    if sent is not None:
        exemption = sent.exemption(UUID(int=0), ZoneInfo(unit.principal.time_zone))
        try:
            await unit.write(lambda tx: service.add_tax_exemption(tx, customer_id=customer_id, exemption=exemption))
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(renamed(refusal, _typed))
        else:
            return pages.redirect(unit, f"/customers/{customer_id}", flash=N_("The tax exemption was saved."))
    return _page(unit, form, customer_id, None)


@post("/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}", permission="customers:write")
async def change_exemption(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[str]:
    """Make an exemption what was typed."""
    form = await forms.read(unit, ExemptionForm)
    sent = form.value
    if sent is not None:
        exemption = sent.exemption(exemption_id, ZoneInfo(unit.principal.time_zone))
        try:
            await unit.write(
                lambda tx: service.change_tax_exemption(
                    tx, customer_id=customer_id, exemption_id=exemption_id, exemption=exemption
                )
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(renamed(refusal, _typed))
        else:
            return pages.redirect(unit, f"/customers/{customer_id}", flash=N_("The tax exemption was saved."))
    _, scan = await _kept(unit, customer_id, exemption_id)
    return _page(unit, form, customer_id, exemption_id, scan)


@post("/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/removal", permission="customers:write")
async def remove_exemption(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[str]:
    """Keep an exemption no longer."""
    await forms.read(unit, Form)
    await unit.write(lambda tx: service.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=exemption_id))
    flash = N_("The tax exemption was removed. Orders that are placed stay as they are.")
    return pages.redirect(unit, f"/customers/{customer_id}", flash=flash)


async def _kept(unit: Unit, customer_id: UUID, exemption_id: UUID) -> tuple[TaxExemption, CertificateFile | None]:
    async with unit.read() as tx:
        kept = await queries.tax_exemptions(tx, customer_id)
        scans = await queries.certificates(tx, [customer_id])
    for exemption in kept:
        if exemption.exemption_id == exemption_id:
            return exemption, scans.get(exemption.exemption_id)
    raise errors.ExemptionNotFound(str(exemption_id))


def _typed(field: str) -> str:
    """Return the field of the form that a field of an exemption was typed into."""
    return {"until_at": "until_on", "from_at": "from_on"}.get(field, field.partition("[")[0])


def _page(
    unit: Unit,
    form: Filled[Any],
    customer_id: UUID,
    exemption_id: UUID | None,
    certificate: CertificateFile | None = None,
) -> Response[str]:
    return pages.render(
        unit,
        "customers/exemption.html",
        form=form,
        customer_id=customer_id,
        exemption_id=exemption_id,
        certificate=certificate,
        formats=FORMAT_NAMES,
        kinds=EXEMPTION_LABELS,
    )


HANDLERS: tuple[Any, ...] = (
    new_exemption_page,
    exemption_page,
    add_exemption,
    change_exemption,
    remove_exemption,
)
