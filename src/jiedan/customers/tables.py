"""Tables of customers. Everything personal stands here or in `event_private`, where erasure finds it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, ERASABLE, TenantTable, one_of
from jiedan.customers import values
from jiedan.customers.values import certificates


def _of_customer() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"])


def _of_account() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "customer_id"], ["customer_account.tenant_id", "customer_account.customer_id"]
    )


class Customer(TenantTable):
    """A person or company. A merged one points to its survivor and keeps its own data, so a merge can be undone.

    `erasing_since` closes it for ever; at `erased_at` nothing was left of it but the id that its orders name.
    """

    __tablename__ = "customer"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
    tax_number: Mapped[str]
    external_id: Mapped[str | None]
    locale: Mapped[str]
    merged_into: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]
    erasing_since: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", values.CUSTOMER_KINDS),
        sa.CheckConstraint("erased_at IS NULL OR erasing_since IS NOT NULL", name="erasing_comes_first"),
        sa.CheckConstraint("merged_into <> customer_id", name="not_merged_into_itself"),
        sa.ForeignKeyConstraint(["tenant_id", "merged_into"], ["customer.tenant_id", "customer.customer_id"]),
        sa.UniqueConstraint("tenant_id", "external_id"),
        sa.Index(
            "ix_customer_merged_into", "tenant_id", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")
        ),
        # Ids rise with time: this is the order of the list.
        sa.Index("ix_customer_living", "tenant_id", "customer_id", postgresql_where=sa.text("merged_into IS NULL")),
    )


class CustomerContact(TenantTable):
    """A further phone or e-mail of a customer, normalized: what a merged duplicate was reached and found by."""

    __tablename__ = "customer_contact"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]

    __table_args__ = (_of_customer(), one_of("kind", values.CONTACT_KINDS))


class AddressTable(TenantTable):
    """An address, behind what its table says of it; coordinates in degrees, null where nobody looked."""

    __abstract__ = True

    country: Mapped[str] = mapped_column(sort_order=10)
    name: Mapped[str] = mapped_column(sort_order=11)
    phone: Mapped[str] = mapped_column(sort_order=12)
    company: Mapped[str] = mapped_column(sort_order=13)
    region: Mapped[str] = mapped_column(sort_order=14)
    city: Mapped[str] = mapped_column(sort_order=15)
    district: Mapped[str] = mapped_column(sort_order=16)
    line1: Mapped[str] = mapped_column(sort_order=17)
    line2: Mapped[str] = mapped_column(sort_order=18)
    postal_code: Mapped[str] = mapped_column(sort_order=19)
    lat: Mapped[float | None] = mapped_column(sa.Double(), sort_order=20)
    lon: Mapped[float | None] = mapped_column(sa.Double(), sort_order=21)


class CustomerAddress(AddressTable):
    """An address in a customer's book; at most one is the default."""

    __tablename__ = "customer_address"

    address_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    label: Mapped[str]
    is_default: Mapped[bool]

    __table_args__ = (
        _of_customer(),
        sa.Index("ix_customer_address_customer", "tenant_id", "customer_id"),
        sa.Index(
            "uq_customer_address_default",
            "tenant_id",
            "customer_id",
            unique=True,
            postgresql_where=sa.text("is_default"),
        ),
    )


class CustomerTaxExemption(TenantTable):
    """Why a customer pays no tax: a certificate and where it holds, or a VAT number for reverse charge."""

    __tablename__ = "customer_tax_exemption"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    exemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[str]
    places: Mapped[list[str]]
    classes: Mapped[list[str]]
    from_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]
    note: Mapped[str]

    __table_args__ = (
        _of_customer(),
        one_of("kind", values.EXEMPTION_KINDS),
        sa.CheckConstraint(
            f"number <> '' AND char_length(number) <= {values.EXEMPTION_TEXT_CHARACTERS_MAX}", name="number_given"
        ),
        sa.CheckConstraint(
            "kind = 'exempt' OR (cardinality(places) = 0 AND cardinality(classes) = 0)", name="certificate_says_where"
        ),
        sa.CheckConstraint(
            f"cardinality(places) <= {values.EXEMPTION_PLACES_MAX}"
            f" AND cardinality(classes) <= {values.EXEMPTION_CLASSES_MAX}"
            f" AND char_length(note) <= {values.EXEMPTION_NOTE_CHARACTERS_MAX}",
            name="bounded",
        ),
        sa.CheckConstraint("from_at < until_at", name="ends_after_it_begins"),
        sa.CheckConstraint(
            " AND ".join(
                f"{end} >= '{values.EXEMPTION_FIRST_AT}' AND {end} < '{values.EXEMPTION_AFTER_AT}'"
                for end in ("from_at", "until_at")
            ),
            name="of_years_meant",
        ),
    )


class CustomerTaxCertificate(TenantTable):
    """The scan of the paper behind a tax exemption, as it came in, and the SHA-256 of its bytes."""

    __tablename__ = "customer_tax_certificate"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    exemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    document: Mapped[bytes]
    digest: Mapped[bytes]
    kept_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id", "exemption_id"],
            [f"customer_tax_exemption.{name}" for name in ("tenant_id", "customer_id", "exemption_id")],
        ),
        one_of("media_type", certificates.CERTIFICATE_TYPES),
        sa.CheckConstraint(
            f"octet_length(document) BETWEEN 1 AND {certificates.CERTIFICATE_BYTES_MAX}", name="document_bounded"
        ),
        sa.CheckConstraint(f"octet_length(digest) = {certificates.DIGEST_BYTES}", name="digest_is_sha256"),
    )


class CustomerNote(TenantTable):
    """What staff wrote about a customer."""

    __tablename__ = "customer_note"

    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    text: Mapped[str]
    author: Mapped[str]
    written_at: Mapped[datetime]

    __table_args__ = (_of_customer(), sa.Index("ix_customer_note_customer", "tenant_id", "customer_id", "note_id"))


class CustomerTag(TenantTable):
    """A tag on a customer."""

    __tablename__ = "customer_tag"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (_of_customer(), sa.Index("ix_customer_tag_tag", "tenant_id", "tag", "customer_id"))


class CustomerGroup(TenantTable):
    """Customers who are treated alike: wholesale, VIP. Its code never changes; prices and offers may name it."""

    __tablename__ = "customer_group"

    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (sa.UniqueConstraint("tenant_id", "code"),)


class CustomerGroupMember(TenantTable):
    """A customer in a group; one may be in several."""

    __tablename__ = "customer_group_member"

    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    joined_at: Mapped[datetime]

    __table_args__ = (
        _of_customer(),
        sa.ForeignKeyConstraint(["tenant_id", "group_id"], ["customer_group.tenant_id", "customer_group.group_id"]),
        # What one customer is in, at each placement.
        sa.Index("ix_customer_group_member_customer", "tenant_id", "customer_id", "group_id"),
    )


class CustomerConsent(TenantTable):
    """A consent given or withdrawn; the last row of a purpose counts, the others prove it."""

    __tablename__ = "customer_consent"

    consent_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    purpose: Mapped[str]
    is_granted: Mapped[bool]
    source: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        _of_customer(),
        one_of("purpose", values.CONSENT_PURPOSES),
        sa.Index("ix_customer_consent_customer", "tenant_id", "customer_id", "purpose", "consent_id"),
        {"info": {APPEND_ONLY: True, ERASABLE: ("source",)}},
    )


class CustomerMerge(TenantTable):
    """A merge of a duplicate into a survivor, with what moved, until it can no longer be undone."""

    __tablename__ = "customer_merge"

    merge_id: Mapped[UUID] = mapped_column(primary_key=True)
    survivor_id: Mapped[UUID]
    merged_id: Mapped[UUID]
    moved: Mapped[dict[str, Any]]
    merged_at: Mapped[datetime]
    merged_by: Mapped[str]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "survivor_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "merged_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.Index("ix_customer_merge_survivor", "tenant_id", "survivor_id"),
        sa.Index(
            "uq_customer_merge_standing",
            "tenant_id",
            "merged_id",
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )


class CustomerTerm(TenantTable):
    """A search term of a customer, written by the drain."""

    __tablename__ = "customer_term"

    term: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (sa.Index("ix_customer_term_customer", "tenant_id", "customer_id", "term"),)


class CustomerAccount(TenantTable):
    """A customer's way into the shop, by an address that was proved; without `password_hash` by mailed links alone.

    `email_key` is the address folded for comparison. It is not the customer's contact, which staff may change.
    """

    __tablename__ = "customer_account"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str]
    password_hash: Mapped[str | None]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]

    __table_args__ = (_of_customer(), sa.UniqueConstraint("tenant_id", "email_key"))


class CustomerSession(TenantTable):
    """A browser in which a customer is signed in; a session that ended is a deleted row."""

    __tablename__ = "customer_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    network: Mapped[str]
    user_agent: Mapped[str]

    __table_args__ = (
        _of_account(),
        sa.UniqueConstraint("tenant_id", "secret_hash"),
        sa.Index("ix_customer_session_customer", "tenant_id", "customer_id", "session_id"),
        sa.Index("ix_customer_session_expires", "tenant_id", "expires_at"),
    )


class CustomerLink(TenantTable):
    """A one-time link to an address, of which the mail alone holds the secret; one per address and purpose.

    It belongs to an account, or to nobody yet: to whoever opens the mail and makes one.
    """

    __tablename__ = "customer_link"

    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    customer_id: Mapped[UUID | None]
    secret_hash: Mapped[bytes | None]
    locale: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        _of_account(),
        one_of("purpose", values.LINK_PURPOSES),
        sa.CheckConstraint("(purpose = 'registration') = (customer_id IS NULL)", name="belongs_to_an_account"),
        sa.UniqueConstraint("tenant_id", "email_key", "purpose"),
        sa.UniqueConstraint("tenant_id", "secret_hash"),
        sa.Index("ix_customer_link_customer", "tenant_id", "customer_id"),
        sa.Index("ix_customer_link_expires", "tenant_id", "expires_at"),
    )
