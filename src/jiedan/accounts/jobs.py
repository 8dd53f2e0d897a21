"""What follows from events: somebody who forgot the password gets a link."""

from collections.abc import Sequence

from jiedan.accounts import events, service
from jiedan.base.db import Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent


async def _begin_resets(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    asked = [(events.PasswordResetRequested.of(event).staff_id, event.recorded_at) for event in stored]
    await service.begin_resets(tx, requested_at={staff_id: at for staff_id, at in asked if staff_id is not None})


BEGIN_RESETS = Handler("accounts.begin_resets", _begin_resets)
"""Makes reset links for those who asked for one; doing it again changes nothing."""
