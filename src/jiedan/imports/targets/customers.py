"""Customers: a row is one person or company, known by the merchant's own id for them."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections, reasons_of
from jiedan.base.i18n import N_, Phrase
from jiedan.customers import service as customers
from jiedan.customers.rules import exempting
from jiedan.customers.values import (
    CUSTOMERS_PER_CALL_MAX,
    EXEMPTION_AFTER_AT,
    EXEMPTION_FIRST_AT,
    Address,
    CustomerDraft,
    CustomerKind,
    ExemptionDraft,
    ExemptionKind,
    Saved,
)
from jiedan.imports import cells, errors
from jiedan.imports.targets import chunks
from jiedan.imports.values import Field, Outcome, Row

_KINDS: dict[str, CustomerKind] = {
    "person": "person", "个人": "person", "個人": "person", "company": "company", "公司": "company",
    "企业": "company", "企業": "company",
}  # fmt: skip
_EXEMPTIONS: dict[ExemptionKind, dict[str, str]] = {
    "exempt": {
        "number": "tax_exempt_number",
        "places": "tax_exempt_places",
        "classes": "tax_exempt_classes",
        "from_at": "tax_exempt_from",
        "until_at": "tax_exempt_until",
    },
    "reverse_charge": {"number": "vat_number", "from_at": "vat_from", "until_at": "vat_until"},
}
"""The fields of a row that say why a customer pays no tax, by what they say of it."""

_OF_EXEMPTION = re.compile(r"exemptions\[([0-9]+)\]")
_ADDRESS = ("region", "city", "district", "line1", "line2", "postal_code")


class Customers:
    """Customers with one address each."""

    kind = "customers"
    permission = "customers:import"
    fields: tuple[Field, ...] = (
        Field(
            "external_id",
            N_("Your own id of the customer; importing it again updates"),
            ("id", "customer id", "customerid", "code", "客户编号", "客戶編號"),
            True,
        ),
        Field("name", N_("Name"), ("customer name", "full name", "姓名", "客户名称", "名称", "客戶名稱", "名稱"), True),
        Field("kind", N_("person or company"), ("type", "类型", "類型")),
        Field("phone", N_("Phone"), ("mobile", "telephone", "电话", "手机", "手机号", "電話", "手機")),
        Field("email", N_("E-mail"), ("mail", "e-mail", "邮箱", "电子邮箱", "電郵", "電子郵件")),
        Field("tax_number", N_("Tax number"), ("vat id", "税号", "稅號")),
        Field(
            "country", N_("Country code of the address; without it the merchant's"), ("country code", "国家", "國家")
        ),
        Field("region", N_("Province or state"), ("province", "state", "省", "省份", "縣市")),
        Field("city", N_("City"), ("town", "市", "城市")),
        Field("district", N_("District"), ("county", "区", "区县", "區", "鄉鎮市區")),
        Field(
            "line1",
            N_("Street and number"),
            ("address", "street", "address 1", "address line 1", "地址", "详细地址", "詳細地址"),
        ),
        Field("line2", N_("More of the address"), ("address 2", "address line 2")),
        Field("postal_code", N_("Postal code"), ("zip", "postcode", "邮编", "郵遞區號")),
        Field(
            "tax_exempt_number",
            N_("Number of a certificate that frees of tax; importing it again updates"),
            ("certificate number", "exemption certificate", "免税证明编号", "免稅證明編號"),
        ),
        Field(
            "tax_exempt_places",
            N_("Countries and regions where the certificate holds, like US-CA, separated by semicolons"),
            ("exemption jurisdiction", "jurisdiction", "免税地区", "免稅地區"),
        ),
        Field(
            "tax_exempt_classes",
            N_("Tax classes for which the certificate holds, separated by semicolons"),
            ("exempt tax classes", "免税税类", "免稅稅別"),
        ),
        Field(
            "tax_exempt_from",
            N_("First day on which the certificate holds"),
            ("certificate valid from", "免税开始日期", "免稅起始日期"),
        ),
        Field(
            "tax_exempt_until",
            N_("Last day on which the certificate holds"),
            ("certificate valid until", "certificate expiry", "免税截止日期", "免稅截止日期"),
        ),
        Field(
            "vat_number",
            N_("VAT number for reverse charge, with the letters of its country; importing it again updates"),
            ("vat", "vat no", "增值税号", "加值稅號"),
        ),
        Field("vat_from", N_("First day on which the VAT number holds"), ("vat valid from",)),
        Field("vat_until", N_("Last day on which the VAT number holds"), ("vat valid until",)),
        Field("tags", N_("Tags, separated by semicolons"), ("labels", "标签", "標籤")),
        Field(
            "groups",
            N_("Codes of customer groups, separated by semicolons"),
            ("group", "customer group", "customer groups", "客户组", "客户分组", "客戶群組", "會員群組"),
        ),
    )

    def key(self, row: Row) -> str | None:  # noqa: ARG002 - each row stands alone
        """Say that rows may be cut apart anywhere."""
        return None

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        """Upsert customers by external id; of one id twice in a chunk, the last row counts, and exemptions of all."""
        settings = await tx.load_one(accounts.settings())
        country, zone = settings.country, ZoneInfo(settings.time_zone)
        outcomes: dict[int, Outcome] = {}
        drafts: dict[str, tuple[list[Row], CustomerDraft]] = {}
        faults = cells.Faults()
        for row in rows:
            draft = _draft(row, country, zone, faults)
            if draft is None:
                outcomes[row.number] = faults.of(row)
                continue
            earlier, before = drafts.get(draft.external_id or "", ([], None))
            shown = (*(before.exemptions if before is not None else ()), *draft.exemptions)
            drafts[draft.external_id or ""] = ([*earlier, row], draft._replace(exemptions=shown))

        async def upsert(some: Sequence[CustomerDraft]) -> Sequence[Saved | Refusal]:
            return await customers.upsert_customers(tx, customers=some, country=country)

        outcomes |= await chunks.save_drafts(
            [*drafts.values()], save=upsert, at_once_max=CUSTOMERS_PER_CALL_MAX, outcome=_outcome
        )
        return [outcomes[row.number] for row in rows]


def _draft(row: Row, country: str, zone: ZoneInfo, faults: cells.Faults) -> CustomerDraft | None:
    """Return the draft of one row; an empty cell leaves what is known. None when its `faults` were noted, all of them.

    What cannot be read is left out, so that the rest is judged as well.
    """
    kind = faults.read(row, _kind)
    name, external_id = (faults.read(row, cells.needed, field) for field in ("name", "external_id"))
    draft = CustomerDraft(
        name=name or "",
        kind=kind,
        phone=row.values.get("phone"),
        email=row.values.get("email"),
        tax_number=row.values.get("tax_number"),
        external_id=external_id,
        addresses=faults.read(row, _addresses, country),
        tags=_listed(row, "tags"),
        groups=_listed(row, "groups"),
        exemptions=tuple(_exemptions(row, zone, faults)),
    )
    (checked,) = exempting.checked_drafts([draft], country) if draft.exemptions or faults.of(row) else (draft,)
    if isinstance(checked, Rejections):
        faults.add_unnamed(row, _of_row(checked, draft))
    return None if faults.of(row) else draft


def _exemptions(row: Row, zone: ZoneInfo, faults: cells.Faults) -> Iterator[ExemptionDraft]:
    """Yield why a row says that the customer pays no tax; what cannot be read of it is left out, and noted."""
    for kind, fields in _EXEMPTIONS.items():
        if not row.values.keys() & set(fields.values()):
            continue
        number = faults.read(row, cells.needed, fields["number"])
        from_at = faults.read(row, cells.moment, fields["from_at"], zone)
        until_at = faults.read(row, _end, fields["until_at"], zone)
        places, classes = (_listed(row, fields.get(part, "")) or None for part in ("places", "classes"))
        if number is not None:
            yield ExemptionDraft(kind, number, places, classes, _plain(from_at), _plain(until_at))


def _end(row: Row, field: str, zone: ZoneInfo) -> datetime | None:
    """Return when the last day of something is over, or the very moment where a time is given. Raises CellInvalid."""
    at = cells.moment(row, field, zone)
    if at is None or at >= EXEMPTION_AFTER_AT or not cells.is_day(row, field):
        return at
    return at + timedelta(days=1)


def _plain(at: datetime | None) -> datetime | None:
    """Return a moment as it is kept; one of a year that is refused as it stands.

    In UTC, for a moment that the merchant's clock skips or has twice never equals what is kept, not even the same.
    """
    return at.astimezone(UTC) if at is not None and EXEMPTION_FIRST_AT <= at < EXEMPTION_AFTER_AT else at


def _kind(row: Row) -> CustomerKind | None:
    """Return what a row says the customer is. Raises CellInvalid."""
    said = row.values.get("kind")
    kind = _KINDS.get(said.casefold()) if said else None
    if said and kind is None:
        raise errors.CellInvalid(said[: cells.SHOWN_MAX], Phrase("person or company"), field="kind")
    return kind


def _addresses(row: Row, country: str) -> tuple[Address, ...] | None:
    """Return the address of a row, if it has one. Raises Rejections with all that does not fit."""
    parts = {field: row.values[field] for field in _ADDRESS if field in row.values}
    if not parts:
        return None
    place = {**parts, "country": row.values.get("country", country).upper(), "name": row.values.get("name", "")}
    try:
        return (msgspec.convert(place, Address),)
    except msgspec.ValidationError as error:
        found = [cells.misfit(each, row, path) for path, each in cells.misfits(place, Address)]
        raise Rejections(tuple(found)) from error


def _listed(row: Row, field: str) -> tuple[str, ...]:
    """Return what stands in one cell, separated by semicolons."""
    return tuple(part.strip() for part in row.values.get(field, "").replace("；", ";").split(";") if part.strip())


def _outcome(done: Saved | Refusal, draft: CustomerDraft) -> Outcome:
    if isinstance(done, Saved):
        return "created" if done.is_new else "updated"
    return _of_row(done, draft)


def _of_row(refusal: Refusal, draft: CustomerDraft) -> tuple[Refusal, ...]:
    """Return every reason of a refusal of a draft, naming the field of the row that it came from."""
    reasons = reasons_of(refusal)
    for reason in reasons:
        part = reason.field.rpartition(".")[2].partition("[")[0] if reason.field else None
        of = _OF_EXEMPTION.search(reason.field or "")
        reason.field = _EXEMPTIONS[draft.exemptions[int(of[1])].kind].get(part or "") if of else part
    return reasons


CUSTOMERS = Customers()
