"""Pages of fulfillment: the queue, the work, and what is printed."""

from jiedan.base.web import routing
from jiedan.fulfillment.pages import prints, queue, work

ROUTER = routing.console([*queue.HANDLERS, *work.HANDLERS, *prints.HANDLERS])
