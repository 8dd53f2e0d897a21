"""Customers ask for what is stored about them to be erased: a case for staff, who know what has to be kept."""

from uuid import UUID

from jiedan.base.db import Tx
from jiedan.cases import service as cases
from jiedan.cases.values import CaseId, NewCase
from jiedan.customers import events
from jiedan.customers.service import telling

ERASURE_KIND = "erasure_wanted"
SUBJECT_KIND = "customer"


async def request_erasure(tx: Tx, *, customer_id: UUID) -> CaseId:
    """Open a case about a customer who wants to be erased, and return it; the standing one where they asked before.

    Raises CustomerNotFound or CustomerMerged.
    """
    head = await telling.living(tx, customer_id)
    (case_id,) = await cases.open_cases(
        tx, cases=[NewCase(ERASURE_KIND, SUBJECT_KIND, head.customer_id, {"customer_id": str(head.customer_id)})]
    )
    tx.emit(events.ErasureRequested(customer_id=head.customer_id))
    return case_id
