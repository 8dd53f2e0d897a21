"""How fast callers may go. The limits hold per process: they protect the machine and slow down guessing."""

from jiedan.base.ratelimit import TokenBuckets

PRINCIPAL_REQUESTS_PER_S = 3_000
PRINCIPAL_REQUESTS_BURST = 6_000
"""One API key may load a whole machine with orders; beyond that it is a runaway loop."""

VISITOR_REQUESTS_PER_S = 20
VISITOR_REQUESTS_BURST = 200
"""Requests of one network without a credential."""

FAILURES_PER_S = 0.5
FAILURES_BURST = 30
"""Wrong credentials of one network; then even right ones wait."""


class Limits:
    """Hold the buckets of one process."""

    def __init__(self) -> None:
        self.principals = TokenBuckets(rate_per_s=PRINCIPAL_REQUESTS_PER_S, burst=PRINCIPAL_REQUESTS_BURST)
        self.visitors = TokenBuckets(rate_per_s=VISITOR_REQUESTS_PER_S, burst=VISITOR_REQUESTS_BURST)
        self.failures = TokenBuckets(rate_per_s=FAILURES_PER_S, burst=FAILURES_BURST)
