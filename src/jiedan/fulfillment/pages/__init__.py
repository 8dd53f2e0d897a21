"""Pages of fulfillment: the queue, the work, what is printed, and the settings of shipping."""

from jiedan.base.web import routing
from jiedan.fulfillment.pages import bench, prints, queue, shipping, work

ROUTER = routing.console([*queue.HANDLERS, *bench.HANDLERS, *work.HANDLERS, *prints.HANDLERS, *shipping.HANDLERS])
