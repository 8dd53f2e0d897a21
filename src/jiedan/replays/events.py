"""What happens to replays."""

from uuid import UUID

from jiedan.base.events import Event


class ReplayQueued(Event, frozen=True, kw_only=True):
    """Somebody asked what the draft of the price rules would have made of the orders of the last days."""

    kind = "replays.replay_queued"
    subject_kind = "replay"
    subject = "replay_id"

    replay_id: UUID
    days: int


class ReplayCompleted(Event, frozen=True, kw_only=True):
    """Every order of those days was looked at."""

    kind = "replays.replay_completed"
    subject_kind = "replay"
    subject = "replay_id"

    replay_id: UUID
    orders: int


class ReplayCanceled(Event, frozen=True, kw_only=True):
    """A replay was ended by hand; what it had come to by then is kept."""

    kind = "replays.replay_canceled"
    subject_kind = "replay"
    subject = "replay_id"

    replay_id: UUID
    orders: int


class ReplayFailed(Event, frozen=True, kw_only=True):
    """A replay was given up; what it had come to by then is kept."""

    kind = "replays.replay_failed"
    subject_kind = "replay"
    subject = "replay_id"

    replay_id: UUID
    orders: int
