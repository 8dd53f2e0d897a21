"""Customers: a row is one person or company, known by the merchant's own id for them."""

from collections.abc import Sequence

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections, reasons_of
from jiedan.base.i18n import N_, Phrase
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
        for row in rows:
            try:
                draft = _draft(row, country)
            except Refusal as refusal:
                outcomes[row.number] = reasons_of(refusal)
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


def _draft(row: Row, country: str) -> CustomerDraft:
    """Return the draft of one row; an empty cell leaves what is known. Raises a Refusal, or all of the address."""
    said = row.values.get("kind")
    kind = _KINDS.get(said.casefold()) if said else None
    if said and kind is None:
        raise errors.CellInvalid(said[: cells.SHOWN_MAX], Phrase("person or company"), field="kind")
    name = cells.needed(row, "name")
    parts = {field: row.values[field] for field in _ADDRESS if field in row.values}
    addresses = None
    if parts:
        place = {**parts, "country": row.values.get("country", country).upper(), "name": name}
        try:
            addresses = (msgspec.convert(place, Address),)
        except msgspec.ValidationError as error:
            found = [cells.misfit(each, row, path) for path, each in cells.misfits(place, Address)]
            raise Rejections(tuple(found)) from error
    return CustomerDraft(
        name=name,
        kind=kind,
        phone=row.values.get("phone"),
        email=row.values.get("email"),
        tax_number=row.values.get("tax_number"),
        external_id=cells.needed(row, "external_id"),
        addresses=addresses,
        tags=_listed(row, "tags"),
        groups=_listed(row, "groups"),
    )


def _listed(row: Row, field: str) -> tuple[str, ...]:
    """Return what stands in one cell, separated by semicolons."""
    return tuple(part.strip() for part in row.values.get(field, "").replace("；", ";").split(";") if part.strip())


def _outcome(done: Saved | Refusal) -> Outcome:
    if isinstance(done, Saved):
        return "created" if done.is_new else "updated"
    reasons = reasons_of(done)
    for reason in reasons:
        reason.field = reason.field.rpartition(".")[2] if reason.field else None
    return reasons


CUSTOMERS = Customers()
