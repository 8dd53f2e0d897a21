"""Answers judged by the document: their status, their type, their JSON."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2
import jsonschema_rs

EVERYWHERE = frozenset({400, 401, 403, 404, 405, 413, 414})
"""Answers to what is no request of the operation at all: another path, method, or HTTP that cannot be read."""


class Answers:
    """Judge answers by the document: their status, their type, their JSON."""

    def __init__(self, made: Mapping[str, Any]) -> None:
        self._made = made
        self._validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator | None] = {}

    def fault(self, path: str, method: str, answer: httpx2.Response) -> str | None:
        """Return what is wrong with an answer, if anything is."""
        told = self._made["paths"][path][method]["responses"]
        status = str(answer.status_code)
        if answer.status_code >= 500 and status != "503":
            return f"{status}: {answer.text[:300]}"
        if status not in told:
            return None if answer.status_code in EVERYWHERE else f"{status} is not documented: {answer.text[:300]}"
        response = self._followed(told[status])
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        content = response.get("content", {})
        if content and media_type not in content and not any(name.endswith("/*") for name in content):
            return f"{status} is {media_type}, not {list(content)}"
        validator = self._validator(content.get(media_type, {}).get("schema")) if "json" in media_type else None
        if validator is None:
            return None
        wrong = next(iter(validator.iter_errors(answer.json())), None)
        return (
            None
            if wrong is None
            else f"{status} is not what its schema says: {wrong.message[:300]} at {wrong.instance_path}"
        )

    def _followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        name = node.get("$ref", "").rpartition("/")[2]
        return self._made["components"]["responses"][name] if name else node

    def _validator(self, schema: Mapping[str, Any] | None) -> jsonschema_rs.Draft202012Validator | None:
        if not schema:
            return None
        key = (json.dumps(schema, sort_keys=True), "")
        if key not in self._validators:
            whole = {**schema, "components": self._made["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole)
        return self._validators[key]
