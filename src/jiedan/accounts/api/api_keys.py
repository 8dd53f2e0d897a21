"""API keys."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post

from jiedan.accounts import queries, service
from jiedan.accounts.api.roles import Permissions
from jiedan.accounts.values import ApiKey
from jiedan.base.web import answers, bodies
from jiedan.base.web.auth import Authentication
from jiedan.base.web.unit import Unit


class ApiKeyView(msgspec.Struct, frozen=True):
    """A program's credential, without the secret."""

    api_key_id: UUID
    name: str
    hint: str
    permissions: list[str]
    created_by: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyView":
        """Return the key as the API shows it."""
        return cls(
            key.api_key_id, key.name, key.hint, sorted(key.permissions), key.created_by,
            key.created_at, key.expires_at, key.revoked_at, key.last_used_at,
        )  # fmt: skip


class NewApiKeyView(msgspec.Struct, frozen=True):
    """An API key just made; `credential` is shown now and never again."""

    api_key: ApiKeyView
    credential: str


class ApiKeyBody(bodies.Body):
    """A new API key: `permissions` are among the caller's own."""

    __example__: ClassVar[dict[str, Any]] = {"name": "Web shop", "permissions": ["orders:write", "catalog:read"]}

    name: bodies.Name
    permissions: Permissions
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


@get("/api-keys", permission="apikeys:read", summary="List API keys")
async def list_api_keys(unit: Unit) -> list[ApiKeyView]:
    """Answer every key that is good, then the revoked ones, each newest first."""
    async with unit.read() as tx:
        return [ApiKeyView.of(key) for key in await queries.api_keys(tx)]


@get("/api-keys/{api_key_id:uuid}", permission="apikeys:read", summary="Get an API key")
async def get_api_key(unit: Unit, api_key_id: UUID) -> ApiKeyView:
    """Answer a key, without the secret."""
    async with unit.read() as tx:
        return ApiKeyView.of(await queries.api_key(tx, api_key_id))


@post("/api-keys", permission="apikeys:write", idempotent=True, summary="Create an API key")
async def create_api_key(unit: Unit, data: ApiKeyBody) -> Response[NewApiKeyView]:
    """Answer the new key with its secret, this once; the same `Idempotency-Key` again is told which key it made."""
    key = unit.idempotency_key
    made = await unit.write(
        lambda tx: service.create_api_key(
            tx,
            name=data.name,
            permissions=data.permissions,
            held=unit.principal.permissions,
            expires_at=data.expires_at,
            key=key,
        )
    )
    view = NewApiKeyView(ApiKeyView.of(made.api_key), made.credential)
    return answers.created(view, f"/api/v1/api-keys/{made.api_key.api_key_id}")


@delete("/api-keys/{api_key_id:uuid}", permission="apikeys:write", summary="Revoke an API key")
async def revoke_api_key(unit: Unit, api_key_id: UUID) -> None:
    """Revoke a key for good."""
    await unit.write(lambda tx: service.revoke_api_key(tx, api_key_id=api_key_id))
    unit.part(Authentication).forget(unit.tenant)


HANDLERS = (list_api_keys, get_api_key, create_api_key, revoke_api_key)
