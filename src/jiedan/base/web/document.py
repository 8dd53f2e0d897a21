"""The OpenAPI 3.1 document: what Litestar reads from the handlers, with what all our operations have in common."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any, get_args, get_origin

from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.router import Router
from litestar.routes import HTTPRoute

from jiedan.base import idempotency
from jiedan.base.web import examples, gate, problems, routing, schemas

REFERENCE_PATH = "/api/docs"
DOCUMENT_PATH = routing.API_PATH + "/openapi.json"
VERSIONED = "versioned"
UPLOAD = "upload"
"""The media type of a body that is a file itself: `upload="image/*"`."""

ANSWERS_IN = "answers_in"
"""Further media types of an answer that is a file: `answers_in=("image/png",)` beside `media_type`."""

AGAIN = "again"
"""The status of the same answer where what was asked for had been done before: `again=200` beside 201."""

ALSO = "also"
"""Statuses of refusals that other operations of its kind do not have: `also=[409]` of a GET."""

Document = dict[str, Any]

_SCHEMAS = schemas.REFERENCES

_DESCRIPTION = (
    "Orders, stock, prices and payments of one merchant. Amounts are integers in the currency's minor unit; times are "
    "RFC 3339 in UTC. Lists are read page by page with `limit` and `cursor`. Every refusal is a problem (RFC 9457) "
    "with a stable `code`, in the language of `Accept-Language`."
)
_MEANING_BY_STATUS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "No valid credential came with the request.",
    403: "The caller lacks the permission.",
    404: "There is no such thing for this caller.",
    409: "The present state does not allow it.",
    413: "The body is over the limit.",
    415: "The body is not said to be JSON.",
    422: "What was sent can never be right; `field` names the first place or `errors` all reasons.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "Not now; `Retry-After` says when to try again.",
}
_PROBLEM_SCHEMA: Document = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:jiedan:problem:insufficient_stock"]},
        "title": {"type": "string", "description": "The kind of problem, for people."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the problem."},
        "detail": {"type": "string", "description": "What is wrong and what would help, for people."},
        "field": {"type": "string", "description": "Path of the input concerned.", "examples": ["lines[0].quantity"]},
        "data": {"type": "object", "description": "The facts, typed per code."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemReason"}},
        "request_id": {"type": "string", "description": "What the log knows this request by."},
    },
}
_REASON_SCHEMA: Document = {
    "type": "object",
    "title": "Reason",
    "required": ["code", "detail"],
    "properties": {
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string"},
        "data": {"type": "object"},
    },
}
_IDEMPOTENCY_PARAMETER: Document = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": idempotency.KEY_CHARACTERS_MAX},
    "description": "The same key with the same body leads to the same thing, however often it is sent. Kept 30 days.",
}
_VERSION_PARAMETER: Document = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "examples": ['"3"']},
    "description": (
        "The version this change was made on, from `ETag`; a newer one is answered with 409. Optional: without it the "
        "change is made on whatever version is there, and the last one to write wins."
    ),
}


def config(plugins: list[OpenAPIRenderPlugin]) -> OpenAPIConfig:
    """Return Litestar's part of the document, shown by `plugins` under `REFERENCE_PATH`."""
    return OpenAPIConfig(
        title="Jiedan",
        version=metadata.version("jiedan"),
        description=_DESCRIPTION,
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.fn.__name__,
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An API key, `jd_<tenant>_<secret>`, shown once when made.",
                ),
            }
        ),
        security=[{"apiKey": []}],
        render_plugins=plugins,
        openapi_router=Router(REFERENCE_PATH, route_handlers=[], include_in_schema=False, opt={gate.PUBLIC: True}),
    )


def completed(app: Litestar, drawn: Mapping[str, Any]) -> Document:
    """Return `drawn`, Litestar's document, with problems, permissions, headers and examples on every operation."""
    made: Document = copy.deepcopy(dict(drawn))
    components = made.setdefault("components", {})
    components["responses"] = {f"Problem{status}": _response(status) for status in _MEANING_BY_STATUS}
    operations = [
        (operation, method, handler)
        for path, method, handler in _operations(app)
        if (operation := made.get("paths", {}).get(path, {}).get(method)) is not None
    ]
    for operation, method, handler in operations:
        _complete(operation, method, handler)
    _describe(made, [(operation, handler) for operation, _, handler in operations])
    return made


def _describe(made: Document, operations: Sequence[tuple[Document, HTTPRouteHandler]]) -> None:
    """Describe bodies and answers by the types that decode and encode them; Litestar's guesses lose bounds."""
    places = [place for operation, handler in operations for place in _typed(operation, handler)]
    found, named = schemas.of_types([kind for _, kind in places])
    for (content, _), schema in zip(places, found, strict=True):
        content["schema"] = schema
    drawn = made["components"].get("schemas", {})
    kept = {name: drawn[name] for name in sorted(_references(made["paths"]) - named.keys())}
    made["components"]["schemas"] = {**kept, **named, "Problem": _PROBLEM_SCHEMA, "ProblemReason": _REASON_SCHEMA}


def _typed(operation: Document, handler: HTTPRouteHandler) -> Iterator[tuple[Document, Any]]:
    """Yield the JSON contents of one operation with the type of each; what it answers has an example now."""
    field = handler.parsed_data_field
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if asked is not None and field is not None:
        yield asked, field.annotation
    answered = handler.parsed_fn_signature.return_type.annotation
    if get_origin(answered) is Response:
        answered = get_args(answered)[0]
    if answered in {bytes, Any, None} or (isinstance(answered, type) and issubclass(answered, Response)):
        return  # a file or a stream
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if content is not None and status.startswith("2"):
            content["example"] = examples.of(answered)
            yield content, answered


def _references(node: object) -> set[str]:
    """Return the names of the schemas that a part of the document refers to."""
    if isinstance(node, dict):
        reference = node.get("$ref", "")
        own = {reference.removeprefix(_SCHEMAS)} if reference.startswith(_SCHEMAS) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    yield route.path_format, str(method).lower(), handler


def _complete(operation: Document, method: str, handler: HTTPRouteHandler) -> None:
    """Add to one operation what its handler's options say."""
    if media_type := handler.opt.get(UPLOAD):
        operation["requestBody"] = {"required": True, "content": {media_type: {"schema": {}}}}
    responses = operation.setdefault("responses", {})
    _complete_answers(responses, handler)
    for status in _statuses(operation, method, handler):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if "400" in responses and "$ref" not in responses["400"]:
        del responses["400"]  # Litestar's own guess at validation errors; ours are 422
    if handler.opt.get(gate.PUBLIC):
        operation["security"] = []
    else:
        operation["x-permission"] = handler.opt[gate.PERMISSION]
    parameters = operation.setdefault("parameters", [])
    if handler.opt.get(gate.IDEMPOTENT):
        parameters.append(_IDEMPOTENCY_PARAMETER)
    if handler.opt.get(VERSIONED):
        parameters.append(_VERSION_PARAMETER)
    if not parameters:
        del operation["parameters"]
    field = handler.parsed_data_field
    example = example_of(field.annotation) if field is not None else None
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if example is not None:
            content["example"] = example


def _complete_answers(responses: Document, handler: HTTPRouteHandler) -> None:
    """Add further media types of what is answered, and the status of the same answer given before."""
    further, again = handler.opt.get(ANSWERS_IN, ()), handler.opt.get(AGAIN)
    if further or again:
        done = next(response for status, response in responses.items() if status.startswith("2"))
        for media_type in further:
            done["content"][media_type] = copy.deepcopy(next(iter(done["content"].values())))
        if again:
            responses[str(again)] = {**copy.deepcopy(done), "description": "The same had been done before."}


def example_of(annotation: Any) -> object:
    """Return the example of a body, `__example__` of its struct (in a list, for a list of them), or None."""
    if get_origin(annotation) is list:
        inner = example_of(get_args(annotation)[0])
        return None if inner is None else [inner]
    example: Mapping[str, Any] | None = getattr(annotation, "__example__", None)
    return None if example is None else dict(example)


def _statuses(operation: Document, method: str, handler: HTTPRouteHandler) -> list[int]:
    found = [422, 429, 503]
    if not handler.opt.get(gate.PUBLIC):
        found += [401, 403]
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", [])):
        found.append(404)
    if method != "get":
        found.append(409)
    if "requestBody" in operation:
        found += [400, 413]
    if handler.opt.get(gate.TAKES_JSON):
        found.append(415)
    return sorted({*found, *handler.opt.get(ALSO, ())})


def _response(status: int) -> Document:
    response: Document = {
        "description": _MEANING_BY_STATUS[status],
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {429, 503}:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    return response
