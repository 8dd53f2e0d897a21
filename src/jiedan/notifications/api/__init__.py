"""REST of mails and notices, one file per subject."""

from jiedan.base.web import routing
from jiedan.notifications.api import devices, messages, notices, settings

MAILS_ROUTER = routing.api("Mails", [*messages.HANDLERS, *settings.HANDLERS])
NOTICES_ROUTER = routing.api("Notices", [*notices.HANDLERS, *devices.HANDLERS])
