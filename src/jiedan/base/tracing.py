"""OpenTelemetry traces, when `JIEDAN_TRACING_ENDPOINT` is set and the extra `otel` is installed; else nothing.

    with tracing.span("place_orders", drafts=len(drafts)):
        …

Attributes are ids, codes, counts and amounts: what may stand in a log may stand in a trace.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from jiedan.base import lazy, log
from jiedan.base.i18n import Phrase
from jiedan.base.settings import Settings

_EXTRA = "otel"
_FEATURE = Phrase("Tracing")


class _Tracing:
    """The tracer of this process; off until it is switched on."""

    def __init__(self) -> None:
        self.tracer: Any = None
        self.provider: Any = None


_process = _Tracing()


def configure(settings: Settings, *, service: str) -> None:
    """Switch tracing on for this process, if the settings name a collector.

    `service` is what the spans are filed under, like `jiedan-api`. Raises `lazy.ExtraMissing`.
    """
    if settings.tracing_endpoint is None:
        return
    sdk = lazy.module("opentelemetry.sdk.trace", extra=_EXTRA, feature=_FEATURE)
    sampling = lazy.module("opentelemetry.sdk.trace.sampling", extra=_EXTRA, feature=_FEATURE)
    export = lazy.module("opentelemetry.sdk.trace.export", extra=_EXTRA, feature=_FEATURE)
    resources = lazy.module("opentelemetry.sdk.resources", extra=_EXTRA, feature=_FEATURE)
    otlp = lazy.module("opentelemetry.exporter.otlp.proto.http.trace_exporter", extra=_EXTRA, feature=_FEATURE)
    provider = sdk.TracerProvider(
        resource=resources.Resource.create({"service.name": service}),
        sampler=sampling.ParentBased(sampling.TraceIdRatioBased(settings.tracing_sample_ratio)),
    )
    address = settings.tracing_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=address)))
    _process.provider = provider
    _process.tracer = provider.get_tracer("jiedan")


@contextlib.contextmanager
def span(name: str, **attributes: str | float | bool) -> Iterator[None]:
    """Trace the block under `name`; nearly free when tracing is off."""
    if _process.tracer is None:
        yield
        return
    told = {key: log.without_secrets(value) if isinstance(value, str) else value for key, value in attributes.items()}
    with _process.tracer.start_as_current_span(name, attributes=told):
        yield


def shutdown() -> None:
    """Send what waits and switch tracing off."""
    if _process.provider is not None:
        _process.provider.shutdown()
    _process.provider = _process.tracer = None
