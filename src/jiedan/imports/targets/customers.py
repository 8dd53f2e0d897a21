"""Customers: a row is one person or company, known by the merchant's own id for them."""

from collections.abc import Sequence

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections, reasons_of
from jiedan.base.i18n import N_, Phrase
from jiedan.customers import rules
from jiedan.customers import service as customers
from jiedan.customers.values import CUSTOMERS_PER_CALL_MAX, Address, CustomerDraft, CustomerKind, Saved
from jiedan.imports import cells, errors
from jiedan.imports.values import Field, Outcome, Row

_KINDS: dict[str, CustomerKind] = {
    "person": "person", "个人": "person", "個人": "person", "company": "company", "公司": "company",
    "企业": "company", "企業": "company",
}  # fmt: skip
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
        """Upsert customers by external id; of one id twice in a chunk, the last row counts."""
        country = (await tx.load_one(accounts.settings())).country
        outcomes: dict[int, Outcome] = {}
        drafts: dict[str, tuple[list[Row], CustomerDraft]] = {}
        faults = cells.Faults()
        for row in rows:
            draft = _draft(row, country, faults)
            if draft is None:
                outcomes[row.number] = faults.of(row)
                continue
            earlier = drafts.get(draft.external_id or "", ([], draft))[0]
            drafts[draft.external_id or ""] = ([*earlier, row], draft)
        pending = [*drafts.values()]
        for start in range(0, len(pending), CUSTOMERS_PER_CALL_MAX):
            some = pending[start : start + CUSTOMERS_PER_CALL_MAX]
            saved = await customers.upsert_customers(tx, customers=[draft for _, draft in some], country=country)
            for (same, _), done in zip(some, saved, strict=True):
                outcomes |= {row.number: _outcome(done) for row in same}
        return [outcomes[row.number] for row in rows]


def _draft(row: Row, country: str, faults: cells.Faults) -> CustomerDraft | None:
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
    )
    if not faults.of(row):
        return draft
    (checked,) = rules.check_drafts([draft], country)
    if isinstance(checked, Rejections):
        faults.add_unnamed(row, _of_row(checked))
    return None


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


def _outcome(done: Saved | Refusal) -> Outcome:
    if isinstance(done, Saved):
        return "created" if done.is_new else "updated"
    return _of_row(done)


def _of_row(refusal: Refusal) -> tuple[Refusal, ...]:
    """Return every reason of a refusal, naming the field of the row that it came from."""
    reasons = reasons_of(refusal)
    for reason in reasons:
        reason.field = reason.field.rpartition(".")[2].partition("[")[0] if reason.field else None
    return reasons


CUSTOMERS = Customers()
