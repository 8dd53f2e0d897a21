"""Pages of mails and notices."""

from jiedan.base.web import routing
from jiedan.notifications.pages import mailbox, mails, notices, settings

ROUTER = routing.console([*notices.HANDLERS, *mails.HANDLERS, *mailbox.HANDLERS, *settings.HANDLERS])
