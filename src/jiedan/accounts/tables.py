"""Tables of accounts: merchants and their shops, roles, people, and by what people and programs sign in."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.accounts import values
from jiedan.base.tables import TenantTable, one_of


class Merchant(TenantTable):
    """The settings of a merchant: one row per tenant."""

    __tablename__ = "merchant"

    slug: Mapped[str]
    name: Mapped[str]
    country: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    currencies: Mapped[list[str]]
    locale: Mapped[str]
    locales: Mapped[list[str]]
    order_number_pattern: Mapped[str]
    payment_terms: Mapped[str]
    expiry_minutes: Mapped[int]
    split: Mapped[str]
    backorder: Mapped[bool]
    prices_include_tax: Mapped[bool]
    release_on_authorization: Mapped[bool]
    late_money: Mapped[str]
    accent_hue: Mapped[int | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        one_of("payment_terms", values.PAYMENT_TERMS),
        one_of("split", values.SPLITS),
        one_of("late_money", values.LATE_MONEY),
        sa.CheckConstraint("currency = ANY (currencies)", name="currency_accepted"),
        sa.CheckConstraint("locale = ANY (locales)", name="locale_offered"),
        sa.CheckConstraint("expiry_minutes >= 1", name="expiry_positive"),
        sa.CheckConstraint("accent_hue BETWEEN 0 AND 359", name="accent_hue_is_hue"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class Storefront(TenantTable):
    """How a merchant's shop shows itself to the public; without a row it is closed. The host is in the directory."""

    __tablename__ = "storefront"

    is_open: Mapped[bool]
    tagline: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str]
    terms: Mapped[str]
    transfer_instructions: Mapped[str]
    pays_on_delivery: Mapped[bool]
    cancel_until: Mapped[str]
    edit_until: Mapped[str]
    link_days: Mapped[int]
    logo: Mapped[bytes | None]
    logo_media_type: Mapped[str]
    version: Mapped[int]
    updated_at: Mapped[datetime]

    __table_args__ = (
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.CheckConstraint(f"octet_length(logo) <= {values.LOGO_BYTES_MAX}", name="logo_bounded"),
        sa.CheckConstraint("cancel_until IN ('never', 'released', 'picked', 'shipped')", name="cancel_until_known"),
        sa.CheckConstraint("edit_until IN ('never', 'released')", name="edit_until_known"),
        sa.CheckConstraint("link_days BETWEEN 1 AND 3650", name="link_days_in_range"),
    )


class Role(TenantTable):
    """A named set of permissions; the role `owner` may do everything whatever its row says."""

    __tablename__ = "role"

    role_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    permissions: Mapped[list[str]]
    version: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "code"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class Staff(TenantTable):
    """A person who works for the merchant; `email_key` is the e-mail folded for comparison."""

    __tablename__ = "staff"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    locale: Mapped[str]
    role_id: Mapped[UUID]
    password_hash: Mapped[str | None]
    is_active: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "email_key"),
        sa.ForeignKeyConstraint(["tenant_id", "role_id"], ["role.tenant_id", "role.role_id"]),
        sa.Index("ix_staff_role", "tenant_id", "role_id"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class StaffLink(TenantTable):
    """A one-time link by which a person sets a password; one per person, the newest counts.

    It has a secret that was shown to whoever made it and, once it was mailed, another that stands in the mail alone.
    """

    __tablename__ = "staff_link"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    secret_hash: Mapped[bytes]
    mailed_hash: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        one_of("purpose", values.LINK_PURPOSES),
        sa.UniqueConstraint("tenant_id", "secret_hash"),
        sa.UniqueConstraint("tenant_id", "mailed_hash"),
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),
    )


class StaffSession(TenantTable):
    """A browser in which a person is signed in; a revoked session is a deleted row."""

    __tablename__ = "staff_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    network: Mapped[str]
    user_agent: Mapped[str]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "secret_hash"),
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),
        sa.Index("ix_staff_session_staff", "tenant_id", "staff_id", "session_id"),
        sa.Index("ix_staff_session_expires", "tenant_id", "expires_at"),
    )


class ApiKey(TenantTable):
    """A program's credential: a scope inside what its maker may do."""

    __tablename__ = "api_key"

    api_key_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    hint: Mapped[str]
    secret_hash: Mapped[bytes]
    permissions: Mapped[list[str]]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "secret_hash"),
        sa.ForeignKeyConstraint(["tenant_id", "created_by"], ["staff.tenant_id", "staff.staff_id"]),
        sa.Index("ix_api_key_created_by", "tenant_id", "created_by"),
    )


class StaffFactor(TenantTable):
    """The secret of a person's app for one-time codes, sealed; it counts once it was confirmed by a code.

    `last_step` is the last half minute whose code was taken: none is taken twice.
    """

    __tablename__ = "staff_factor"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    last_step: Mapped[int]
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    __table_args__ = (sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),)


class RecoveryCode(TenantTable):
    """A code for the day on which the app is lost; each is taken once."""

    __tablename__ = "recovery_code"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]

    __table_args__ = (sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),)


class Passkey(TenantTable):
    """A device, or a store of passwords, that signs its person in; what it proves itself by is no secret.

    `uses` is the device's own count of its answers (0 where it keeps none): it only rises, unless there are two of it.
    """

    __tablename__ = "passkey"

    passkey_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    uses: Mapped[int]
    name: Mapped[str]
    is_synced: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "credential_id"),
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.staff_id"]),
        sa.Index("ix_passkey_staff", "tenant_id", "staff_id", "passkey_id"),
        sa.CheckConstraint("octet_length(credential_id) BETWEEN 1 AND 1023", name="credential_bounded"),
        sa.CheckConstraint("octet_length(public_key) <= 4096", name="public_key_bounded"),
        sa.CheckConstraint("uses >= 0", name="uses_counted"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class SpentChallenge(TenantTable):
    """What a device was asked and has answered; kept while it could be answered again, which is refused."""

    __tablename__ = "spent_challenge"

    challenge_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_spent_challenge_expires", "tenant_id", "expires_at"),)


class SignInThrottle(TenantTable):
    """Attempts to sign in within a window, per account and per network; both are kept as hashes."""

    __tablename__ = "sign_in_throttle"

    subject: Mapped[bytes] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    window_started_at: Mapped[datetime]

    __table_args__ = (
        sa.CheckConstraint("attempts >= 0", name="attempts_counted"),
        sa.Index("ix_sign_in_throttle_window", "tenant_id", "window_started_at"),
    )
