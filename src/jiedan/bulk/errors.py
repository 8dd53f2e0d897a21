"""The ways bulk jobs refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Phrase


@dataclasses.dataclass(eq=False)
class BulkJobNotFound(errors.NotFound):
    """No bulk job of this merchant has that id."""

    code: ClassVar[str] = "bulk_job_not_found"
    message: ClassVar[str] = N_("There is no such bulk job.")
    remedy: ClassVar[str] = N_("Jobs are kept for ninety days; look at the list of those that are.")


@dataclasses.dataclass(eq=False)
class NothingChosen(errors.Invalid):
    """Neither orders nor filters were given, or both."""

    code: ClassVar[str] = "nothing_chosen"
    message: ClassVar[str] = N_("No orders were chosen.")
    remedy: ClassVar[str] = N_("Tick orders, or choose all that fit the filters.")


@dataclasses.dataclass(eq=False)
class TooManyChosen(errors.Invalid):
    """More orders than one job may have."""

    code: ClassVar[str] = "too_many_chosen"
    message: ClassVar[str] = N_("One job takes {orders_max} orders at most.")
    remedy: ClassVar[str] = N_("Narrow the filters, and do it in several jobs.")

    orders_max: int


@dataclasses.dataclass(eq=False)
class WishIncomplete(errors.Invalid):
    """What the action needs to know was not said."""

    code: ClassVar[str] = "wish_incomplete"
    message: ClassVar[str] = N_("This action needs “{name}”.")
    remedy: ClassVar[str] = N_("Fill it in and send it again.")

    name: Phrase


@dataclasses.dataclass(eq=False)
class OrderChanged(errors.Conflict):
    """The order was edited after it was chosen."""

    code: ClassVar[str] = "order_changed"
    message: ClassVar[str] = N_("Order {number} was edited after it was chosen.")
    remedy: ClassVar[str] = N_("Look at it as it is now, then try it again.")

    number: str


@dataclasses.dataclass(eq=False)
class NoHoldStands(errors.Conflict):
    """There is no hold to be lifted."""

    code: ClassVar[str] = "no_hold_stands"
    message: ClassVar[str] = N_("Order {number} is not on hold.")
    remedy: ClassVar[str] = N_("Nothing needs to be lifted there.")

    number: str


@dataclasses.dataclass(eq=False)
class NothingFailed(errors.Conflict):
    """There is nothing to try again."""

    code: ClassVar[str] = "nothing_failed"
    message: ClassVar[str] = N_("Nothing of this job failed.")
    remedy: ClassVar[str] = N_("Choose orders in the list to do something more.")


@dataclasses.dataclass(eq=False)
class JobEnded(errors.Conflict):
    """A job that is through, or was stopped, cannot be stopped."""

    code: ClassVar[str] = "bulk_job_ended"
    message: ClassVar[str] = N_("This job is not under way any more.")
    remedy: ClassVar[str] = N_("Look at what became of its orders.")


@dataclasses.dataclass(eq=False)
class JobUnderWay(errors.Conflict):
    """Only a job that was stopped goes on."""

    code: ClassVar[str] = "bulk_job_under_way"
    message: ClassVar[str] = N_("Only a job that was stopped can go on.")
    remedy: ClassVar[str] = N_("Wait until it is through, or stop it first.")


@dataclasses.dataclass(eq=False)
class StoppedByHand(errors.Conflict):
    """Somebody stopped the job."""

    code: ClassVar[str] = "bulk_job_stopped"
    message: ClassVar[str] = N_("Stopped by hand.")
    remedy: ClassVar[str] = N_("Let it go on when it is meant to.")


@dataclasses.dataclass(eq=False)
class GivenUp(errors.Conflict):
    """The worker tried to go on with it for a day, and failed each time."""

    code: ClassVar[str] = "bulk_job_given_up"
    message: ClassVar[str] = N_("This job failed each time it was tried.")
    remedy: ClassVar[str] = N_("Let it go on; if it fails again, the log of the worker says why.")


@dataclasses.dataclass(eq=False)
class MayNotAnyMore(errors.Forbidden):
    """Who asked for the job has lost the permission meanwhile."""

    code: ClassVar[str] = "permission_lost"
    message: ClassVar[str] = N_("Whoever asked for this may not do it any more: “{permission}” is missing.")
    remedy: ClassVar[str] = N_("Whoever manages roles can give it back; then let the job go on.")

    permission: str


@dataclasses.dataclass(eq=False)
class DoneWrong(errors.Conflict):
    """An order met a fault of the program; the others of its job are not kept waiting by it."""

    code: ClassVar[str] = "internal_error"
    message: ClassVar[str] = N_("Something went wrong with this order; nothing was changed.")
    remedy: ClassVar[str] = N_("Try it on the order's own page; the log of the worker says more.")
