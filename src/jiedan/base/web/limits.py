"""How fast callers may go. The limits hold per process: they protect the machine and slow down guessing."""

import weakref

from jiedan.base.ratelimit import TokenBuckets

PRINCIPAL_REQUESTS_PER_S = 3_000
PRINCIPAL_REQUESTS_BURST = 6_000
"""One API key may load a whole machine with orders; beyond that it is a runaway loop."""

VISITOR_REQUESTS_PER_S = 20
VISITOR_REQUESTS_BURST = 200
"""Requests of one network without a credential."""

SENDER_REQUESTS_PER_S = 500
SENDER_REQUESTS_BURST = 2_000
"""Messages of one network to doors for incoming ones: a provider sends one or two for each payment, from few
addresses. They carry a signature instead of a credential, and nothing is stored before it is proved."""

CHECKOUTS_PER_S = 0.2
CHECKOUTS_BURST = 60
"""Orders that visitors of one network place, or try to pay, in shops: an office shares one."""

FAILURES_PER_S = 0.5
FAILURES_BURST = 30
"""Wrong credentials of one network; then even right ones wait."""


STREAMS_PER_CREDENTIAL_MAX = 20
"""Streams of events that one API key or session keeps open: each asks the database twice a second, for an hour."""


class OpenStream:
    """A stream as long as it counts: until it is closed, or forgotten without ever having begun."""

    def __init__(self, of: "weakref.WeakSet[OpenStream]") -> None:
        self._of = of
        of.add(self)

    def close(self) -> None:
        """Count no more."""
        self._of.discard(self)


class OpenStreams:
    """Count what is open by key."""

    def __init__(self, streams_max: int = STREAMS_PER_CREDENTIAL_MAX) -> None:
        self.streams_max = streams_max
        self._open: weakref.WeakValueDictionary[object, weakref.WeakSet[OpenStream]] = weakref.WeakValueDictionary()

    def is_full(self, key: object) -> bool:
        """Tell whether `key` has as many open as it may."""
        return len(self._open.get(key, ())) >= self.streams_max

    def opened(self, key: object) -> OpenStream:
        """Count one more for `key`, as long as what is returned is held and not closed."""
        streams = self._open.get(key)
        if streams is None:
            streams = self._open[key] = weakref.WeakSet()
        return OpenStream(streams)


class Limits:
    """Hold the buckets of one process, and what its callers keep open."""

    def __init__(self) -> None:
        self.principals = TokenBuckets(rate_per_s=PRINCIPAL_REQUESTS_PER_S, burst=PRINCIPAL_REQUESTS_BURST)
        self.visitors = TokenBuckets(rate_per_s=VISITOR_REQUESTS_PER_S, burst=VISITOR_REQUESTS_BURST)
        self.senders = TokenBuckets(rate_per_s=SENDER_REQUESTS_PER_S, burst=SENDER_REQUESTS_BURST)
        self.failures = TokenBuckets(rate_per_s=FAILURES_PER_S, burst=FAILURES_BURST)
        self.checkouts = TokenBuckets(rate_per_s=CHECKOUTS_PER_S, burst=CHECKOUTS_BURST)
        self.streams = OpenStreams()
