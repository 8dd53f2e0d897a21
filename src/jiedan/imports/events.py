"""What happens to imports."""

from uuid import UUID

from jiedan.base.events import Event


class ImportQueued(Event, frozen=True):
    """Somebody asked the worker to save a file's rows; `locale` is the language for what is refused."""

    kind = "imports.import_queued"
    subject_kind = "import"
    subject = "import_id"

    import_id: UUID
    target: str
    locale: str


class ImportStarted(Event, frozen=True):
    """The first rows of a file are being saved."""

    kind = "imports.import_started"
    subject_kind = "import"
    subject = "import_id"

    import_id: UUID
    target: str


class ImportCompleted(Event, frozen=True):
    """Every row of a file was dealt with."""

    kind = "imports.import_completed"
    subject_kind = "import"
    subject = "import_id"

    import_id: UUID
    target: str
    read: int
    refused: int
