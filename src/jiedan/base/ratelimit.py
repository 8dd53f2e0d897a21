"""Rate limits: token buckets inside one process, bounded in number.

With several processes each has its own buckets, so a limit holds per process; it protects the machine, not a quota.
"""

from collections import OrderedDict

KEYS_MAX = 50_000
"""Buckets kept; the one used longest ago goes first, which forgives its key."""


class TokenBuckets:
    """Let each key act `rate_per_s` times a second on average, and `burst` times at once."""

    def __init__(self, *, rate_per_s: float, burst: int, keys_max: int = KEYS_MAX) -> None:
        self.rate_per_s = rate_per_s
        self.burst = burst
        self._keys_max = keys_max
        self._buckets: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, key: object, at_s: float, count: int = 1) -> float:
        """Take `count` tokens of `key` at the monotonic time `at_s`.

        Returns 0 when they were there, else the seconds until they will be; then nothing is taken.
        """
        tokens, since_s = self._buckets.pop(key, (float(self.burst), at_s))
        tokens = min(float(self.burst), tokens + (at_s - since_s) * self.rate_per_s)
        wait_s = 0.0 if tokens >= count else (count - tokens) / self.rate_per_s
        self._buckets[key] = (tokens - count if wait_s == 0 else tokens, at_s)
        if len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)
        return wait_s

    def peek(self, key: object, at_s: float) -> float:
        """Return the seconds until `key` may act once more, taking nothing; 0 when it may now."""
        tokens, since_s = self._buckets.get(key, (float(self.burst), at_s))
        tokens = min(float(self.burst), tokens + (at_s - since_s) * self.rate_per_s)
        return 0.0 if tokens >= 1 else (1 - tokens) / self.rate_per_s

    def forget(self, key: object) -> None:
        """Give `key` a full bucket, as after a successful sign-in."""
        self._buckets.pop(key, None)
