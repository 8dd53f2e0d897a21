"""Who may come in, and with what: staff and their roles, links, sessions, passkeys and API keys."""

import dataclasses
from datetime import datetime

from jiedan.accounts.values.words import ApiKeyId, LinkPurpose, PasskeyId, RoleId, SessionId, StaffId


@dataclasses.dataclass(frozen=True, slots=True)
class NewStaff:
    """A person to be given access; without a password hash they come in by a link."""

    email: str
    name: str
    role: str = "read_only"
    """Code of the role."""
    locale: str = "en"
    password_hash: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions of one merchant."""

    role_id: RoleId
    code: str
    name: str
    permissions: frozenset[str]
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """What a role shall be allowed from now on; `version` is the one that the caller has read."""

    role_id: RoleId
    permissions: frozenset[str]
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Staff:
    """A person who works for one merchant."""

    staff_id: StaffId
    email: str
    name: str
    locale: str
    role: Role
    is_active: bool
    has_password: bool
    version: int
    created_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that lets one person set a password once; `credential` is shown now and never again."""

    staff_id: StaffId
    purpose: LinkPurpose
    credential: str
    expires_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Invitation:
    """A person who was invited and has not come in yet."""

    staff_id: StaffId
    email: str
    name: str
    role: str
    invited_at: datetime
    expires_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """One browser in which a person is signed in."""

    session_id: SessionId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    network: str
    user_agent: str


@dataclasses.dataclass(frozen=True, slots=True)
class Passkey:
    """A device of a person's that signs them in, by the name they gave it."""

    passkey_id: PasskeyId
    name: str
    is_synced: bool
    """Whether it is kept by a service that brings it to the person's other devices."""
    version: int
    created_at: datetime
    last_used_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's credential; the secret is not in here."""

    api_key_id: ApiKeyId
    name: str
    hint: str
    """The last characters of the secret, to tell keys apart."""
    permissions: frozenset[str]
    created_by: StaffId | None
    """None when it was made from the command line."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To within an hour."""


@dataclasses.dataclass(frozen=True, slots=True)
class NewApiKey:
    """An API key just made; `credential` is shown now and never again."""

    api_key: ApiKey
    credential: str


@dataclasses.dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody signs in: the network as `unit.network` gives it, and the browser's own name."""

    network: str
    user_agent: str
    request_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class CodeWanted:
    """A password was right, and a one-time code is wanted, too; `token` goes with it and nowhere else."""

    staff_id: StaffId
    token: str


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just made; `credential` goes into the cookie and nowhere else."""

    staff_id: StaffId
    session_id: SessionId
    credential: str
    expires_at: datetime
