"""Pages of customers: the list, groups, creating and editing, what is kept about one, duplicates, and the picker."""

from jiedan.base.web import routing
from jiedan.customers.pages import book, certificates, editing, exemptions, groups, lists, picking

ROUTER = routing.console(
    [
        *lists.HANDLERS,
        *picking.HANDLERS,
        *editing.HANDLERS,
        *book.HANDLERS,
        *exemptions.HANDLERS,
        *certificates.HANDLERS,
        *groups.HANDLERS,
    ],
)
