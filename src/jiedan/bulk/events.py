"""What happens to bulk jobs."""

from uuid import UUID

from jiedan.base.events import Event


class BulkJobQueued(Event, frozen=True, kw_only=True):
    """Somebody asked for something to be done to many orders, or for a stopped job to go on."""

    kind = "bulk.job_queued"
    subject_kind = "bulk_job"
    subject = "job_id"

    job_id: UUID
    action: str


class BulkJobCompleted(Event, frozen=True, kw_only=True):
    """Every order of a job was dealt with."""

    kind = "bulk.job_completed"
    subject_kind = "bulk_job"
    subject = "job_id"

    job_id: UUID
    action: str
    done: int
    failed: int


class BulkJobStopped(Event, frozen=True, kw_only=True):
    """A job was stopped, by hand or for a reason that `code` names; it can go on from where it is."""

    kind = "bulk.job_stopped"
    subject_kind = "bulk_job"
    subject = "job_id"

    job_id: UUID
    action: str
    code: str
