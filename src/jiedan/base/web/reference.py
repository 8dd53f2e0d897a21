"""The API's reference for people, at `/api/docs`: rendered by us from the document; our own script tries it out."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin

from jiedan.base.web import document, exchange, pages, routing
from jiedan.base.web.document import DOCUMENT_PATH, Document

METHODS = ("get", "post", "put", "patch", "delete")


class DocumentPlugin(OpenAPIRenderPlugin):
    """Answer the completed document as JSON, beside the reference."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type="application/json")  # type: ignore[arg-type]  # Litestar wants its enum, and takes any text
        self._encoded: bytes | None = None
        self._made: Document | None = None

    def made(self, app: Any, drawn: dict[str, Any]) -> Document:
        """Return the completed document; made once per process."""
        if self._made is None:
            self._made = document.completed(app, drawn)
        return self._made

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document as JSON."""
        if self._encoded is None:
            self._encoded = msgspec.json.encode(self.made(request.app, openapi_schema))
        return self._encoded


class PagePlugin(OpenAPIRenderPlugin):
    """Answer the reference as a page."""

    def __init__(self, source: DocumentPlugin) -> None:
        super().__init__(path="/")
        self._source = source

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the page."""
        made = self._source.made(request.app, openapi_schema)
        call = exchange.of(request.scope)
        return pages.rendered_text(
            call,
            "base/reference.html",
            {"document": made, "sections": sections(made), "document_path": DOCUMENT_PATH, "resolve": Resolver(made)},
        ).encode()


class Resolver:
    """Follow `$ref`s of a document, for templates."""

    def __init__(self, made: Document) -> None:
        self._made = made

    def __call__(self, node: Document) -> Document:
        """Return what `node` is or refers to."""
        reference = node.get("$ref")
        if reference is None:
            return node
        found: Any = self._made
        for step in str(reference).removeprefix("#/").split("/"):
            found = found[step]
        resolved: Document = found
        return resolved

    def name(self, node: Document) -> str:
        """Return how a type is called: the schema referred to, or the JSON type.

        A list has `[]` behind it; an array of fixed parts, which says `items: false`, stands as `[string, integer]`.
        """
        if "$ref" in node:
            return str(node["$ref"]).rsplit("/", 1)[-1]
        if "prefixItems" in node:
            return f"[{', '.join(map(self.name, node['prefixItems']))}]"
        if node.get("type") == "array":
            return self.name(node.get("items", {})) + "[]"
        choices = node.get("oneOf") or node.get("anyOf")
        if choices:
            return " | ".join(dict.fromkeys(self.name(choice) for choice in choices))
        kind = node.get("type", "any")
        written = " | ".join(kind) if isinstance(kind, list) else str(kind)
        return f"{written} ({node['format']})" if node.get("format") else written


def sections(made: Document) -> list[tuple[str, list[Document]]]:
    """Return the operations by tag, in the order of paths."""
    by_tag: dict[str, list[Document]] = {}
    for path, item in sorted(made.get("paths", {}).items()):
        for method in METHODS:
            if method in item:
                operation = {**item[method], "path": path, "method": method.upper()}
                by_tag.setdefault(next(iter(operation.get("tags", [])), "Other"), []).append(operation)
    return sorted(by_tag.items())


def config() -> OpenAPIConfig:
    """Return the OpenAPI configuration with both faces of the document."""
    source = DocumentPlugin()
    return document.config([source, PagePlugin(source)])


@get(DOCUMENT_PATH, public=True)
async def openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer the document where API clients look for it."""
    plugin: DocumentPlugin = request.app.openapi_config.render_plugins[0]  # type: ignore[union-attr, assignment]  # the one that wiring sets
    return Response(plugin.render(request, request.app.openapi_schema.to_schema()), media_type="application/json")


ROUTER: Router = routing.root([openapi_document])
