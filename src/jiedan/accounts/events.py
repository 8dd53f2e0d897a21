"""What happened to merchants, staff and their credentials. Names and e-mail addresses travel as private data."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from jiedan.base import events


class MerchantCreated(events.Event, frozen=True, kw_only=True):
    """A merchant was opened, with its first owner."""

    kind: ClassVar[str] = "accounts.merchant_created"
    subject_kind: ClassVar[str] = "merchant"
    subject: ClassVar[str] = "merchant_id"
    merchant_id: UUID
    owner_id: UUID


class MerchantChanged(events.Event, frozen=True, kw_only=True):
    """Settings were edited; before and after are private data."""

    kind: ClassVar[str] = "accounts.merchant_changed"
    subject_kind: ClassVar[str] = "merchant"
    subject: ClassVar[str] = "merchant_id"
    merchant_id: UUID
    version: int
    fields: tuple[str, ...]


class StorefrontChanged(events.Event, frozen=True, kw_only=True):
    """How the shop shows itself was edited."""

    kind: ClassVar[str] = "accounts.storefront_changed"
    subject_kind: ClassVar[str] = "merchant"
    subject: ClassVar[str] = "merchant_id"
    merchant_id: UUID
    version: int
    fields: tuple[str, ...]


class SignInThrottled(events.Event, frozen=True, kw_only=True):
    """An account, a customer or a network tried too often to sign in, or to ask for a link or an order."""

    kind: ClassVar[str] = "accounts.sign_in_throttled"
    subject_kind: ClassVar[str] = "merchant"
    subject: ClassVar[str] = "merchant_id"
    merchant_id: UUID


class RoleCreated(events.Event, frozen=True, kw_only=True):
    """A role was added."""

    kind: ClassVar[str] = "accounts.role_created"
    subject_kind: ClassVar[str] = "role"
    subject: ClassVar[str] = "role_id"
    role_id: UUID
    code: str
    permissions: tuple[str, ...]


class RoleChanged(events.Event, frozen=True, kw_only=True):
    """A role was renamed, or its permissions were edited."""

    kind: ClassVar[str] = "accounts.role_changed"
    subject_kind: ClassVar[str] = "role"
    subject: ClassVar[str] = "role_id"
    role_id: UUID
    version: int
    fields: tuple[str, ...]
    granted: tuple[str, ...]
    withdrawn: tuple[str, ...]


class RoleRemoved(events.Event, frozen=True, kw_only=True):
    """A role that nobody had was removed."""

    kind: ClassVar[str] = "accounts.role_removed"
    subject_kind: ClassVar[str] = "role"
    subject: ClassVar[str] = "role_id"
    role_id: UUID
    code: str


class StaffInvited(events.Event, frozen=True, kw_only=True):
    """Somebody was invited, or invited again, by a one-time link."""

    kind: ClassVar[str] = "accounts.staff_invited"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID
    role_id: UUID
    expires_at: datetime


class InvitationRevoked(events.Event, frozen=True, kw_only=True):
    """An invitation was taken back before it was accepted."""

    kind: ClassVar[str] = "accounts.invitation_revoked"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID


class StaffJoined(events.Event, frozen=True, kw_only=True):
    """Somebody accepted the invitation and chose a password."""

    kind: ClassVar[str] = "accounts.staff_joined"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID


class StaffChanged(events.Event, frozen=True, kw_only=True):
    """A person's name, e-mail, language, role or state was edited; before and after are private data."""

    kind: ClassVar[str] = "accounts.staff_changed"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID
    version: int
    fields: tuple[str, ...]
    role_id: UUID
    is_active: bool


class PasswordResetRequested(events.Event, frozen=True, kw_only=True):
    """Somebody said that they forgot the password; `staff_id` is nobody's where no such account can have a link."""

    kind: ClassVar[str] = "accounts.password_reset_requested"
    subject_kind: ClassVar[str] = "merchant"
    subject: ClassVar[str] = "merchant_id"
    merchant_id: UUID
    staff_id: UUID | None


class PasswordResetIssued(events.Event, frozen=True, kw_only=True):
    """A one-time link to choose a new password was made."""

    kind: ClassVar[str] = "accounts.password_reset_issued"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID
    expires_at: datetime


class PasswordChanged(events.Event, frozen=True, kw_only=True):
    """A password was set; all sessions but at most the one in use ended."""

    kind: ClassVar[str] = "accounts.password_changed"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID


class SignedIn(events.Event, frozen=True, kw_only=True):
    """A person signed in."""

    kind: ClassVar[str] = "accounts.signed_in"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID
    session_id: UUID


class SecondFactorAdded(events.Event, frozen=True, kw_only=True):
    """A person's app for one-time codes was confirmed: they sign in in two steps from now on."""

    kind: ClassVar[str] = "accounts.second_factor_added"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID


class SecondFactorRemoved(events.Event, frozen=True, kw_only=True):
    """A person signs in by password alone again, by their own wish or a colleague's."""

    kind: ClassVar[str] = "accounts.second_factor_removed"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID


class RecoveryCodeUsed(events.Event, frozen=True, kw_only=True):
    """A person signed in by a recovery code; `left` are not used yet."""

    kind: ClassVar[str] = "accounts.recovery_code_used"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID
    left: int


class PasskeyAdded(events.Event, frozen=True, kw_only=True):
    """A person can sign in by a device of theirs from now on."""

    kind: ClassVar[str] = "accounts.passkey_added"
    subject_kind: ClassVar[str] = "passkey"
    subject: ClassVar[str] = "passkey_id"
    passkey_id: UUID
    staff_id: UUID


class PasskeyRenamed(events.Event, frozen=True, kw_only=True):
    """A person calls a passkey otherwise; what, is private data."""

    kind: ClassVar[str] = "accounts.passkey_renamed"
    subject_kind: ClassVar[str] = "passkey"
    subject: ClassVar[str] = "passkey_id"
    passkey_id: UUID
    staff_id: UUID
    version: int
    fields: tuple[str, ...] = ("name",)


class PasskeyRemoved(events.Event, frozen=True, kw_only=True):
    """A device of a person's does not sign them in any more."""

    kind: ClassVar[str] = "accounts.passkey_removed"
    subject_kind: ClassVar[str] = "passkey"
    subject: ClassVar[str] = "passkey_id"
    passkey_id: UUID
    staff_id: UUID


class PasskeyDoubted(events.Event, frozen=True, kw_only=True):
    """A passkey answered rightly, but has been used less often than we know of: there are two of it. It was refused."""

    kind: ClassVar[str] = "accounts.passkey_doubted"
    subject_kind: ClassVar[str] = "passkey"
    subject: ClassVar[str] = "passkey_id"
    passkey_id: UUID
    staff_id: UUID


class SessionsEnded(events.Event, frozen=True, kw_only=True):
    """Sessions were signed out or revoked; `follower_id` is the one by which the same person went on in the browser."""

    kind: ClassVar[str] = "accounts.sessions_ended"
    subject_kind: ClassVar[str] = "staff"
    subject: ClassVar[str] = "staff_id"
    staff_id: UUID
    session_ids: tuple[UUID, ...]
    follower_id: UUID | None = None


class ApiKeyCreated(events.Event, frozen=True, kw_only=True):
    """An API key was made."""

    kind: ClassVar[str] = "accounts.api_key_created"
    subject_kind: ClassVar[str] = "api_key"
    subject: ClassVar[str] = "api_key_id"
    api_key_id: UUID
    permissions: tuple[str, ...]
    expires_at: datetime | None


class ApiKeyRevoked(events.Event, frozen=True, kw_only=True):
    """An API key was revoked."""

    kind: ClassVar[str] = "accounts.api_key_revoked"
    subject_kind: ClassVar[str] = "api_key"
    subject: ClassVar[str] = "api_key_id"
    api_key_id: UUID
