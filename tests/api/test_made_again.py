"""A create that comes again under its key, after what it made is gone: the answer says so, as the document does."""

import json

from jiedan.base.db import Database
from jiedan.base.web import document
from tests.api import operations, worlds
from tests.api.operations import JSON
from tests.base import web_client

SHOWN_ONCE = frozenset({"/api/v1/invitations", "/api/v1/api-keys"})
"""What they make is a secret, and asking again for that is a conflict, kept or revoked."""


async def test_what_was_made_and_removed_is_not_made_again(api: web_client.Client, session_db: Database) -> None:
    world = await worlds.build(api, session_db)
    made = (await api.get(document.DOCUMENT_PATH)).json()
    removable = {
        path.rpartition("/")[0]
        for path, item in made["paths"].items()
        if "delete" in item and "{" not in path.rpartition("/")[0]
    }
    found, gone = [], []
    for operation in operations.read(made):
        if operation.method != "post" or operation.path not in removable - SHOWN_ONCE or operation.example is None:
            continue
        body = {**world.known(operation.example), **({"code": "again"} if "code" in operation.example else {})}
        content = json.dumps(body).encode()
        headers = {**world.headers, "content-type": JSON, "idempotency-key": operation.path}
        first = await api.request("post", operation.path, content=content, headers=headers)
        if first.status_code == 403 and first.json()["code"] == "for_people_only":
            continue  # an API key has no devices
        assert first.status_code == 201, first.text
        removed = await api.request("delete", first.headers["location"], headers=world.headers)
        assert removed.status_code in {200, 204}, removed.text
        again = await api.request("post", operation.path, content=content, headers=headers)
        assert again.status_code in {200, 201, 404}, again.text
        if str(again.status_code) not in operation.told["responses"]:
            found.append(f"{operation.name}: {again.status_code} is not documented")
        gone += [operation.path] * (again.status_code == 404)
    assert not found, "\n".join(found)
    assert "/api/v1/locations" in gone
    assert len(gone) > 5
