"""Pages of customers: the list, editing, what is kept about one, duplicates, and the picker."""

from jiedan.base.web import routing
from jiedan.customers.pages import picking

ROUTER = routing.console([*picking.HANDLERS])
