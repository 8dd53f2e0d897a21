"""Slow work that people ask for: bulk jobs, files of orders, checks of the books, replays; and the figures of hours."""

from collections.abc import Mapping
from datetime import timedelta

from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.forms import form, plain
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

JOB = "/api/v1/bulk-jobs/{bulk_job_id}"
HOURS = timedelta(hours=2)
"""How long after what happened its hours are over."""


def _do_job(ground: Ground) -> None:
    """Let the merchant's bulk job be done; its order is on hold, so it is not released."""
    ground.do("task", "bulk.do_job", job_id=ground.world.ids["bulk_job_id"])


def _write_file(ground: Ground) -> None:
    ground.do("task", "exports.write_file", export_id=ground.world.ids["export_id"])


def _check_books(ground: Ground) -> None:
    ground.do("task", "base.check_books", check_id=ground.world.ids["check_id"])


def _do_replay(ground: Ground) -> None:
    """Let the merchant's replay be done: one is under way at a time."""
    ground.do("task", "replays.do_replay", replay_id=ground.world.ids["replay_id"])


async def _begin(ground: Ground) -> Work:
    order_id = await calls.order(ground)
    fields = {"action": "tag", "tag": "gift", "asked": "1", "order_ids": [f"{order_id}:1"]}
    return form(ground, "/bulk", fields)


async def _retry(ground: Ground) -> Work:
    _do_job(ground)
    return ground.request("POST", f"{JOB}/retry")


async def _retry_by_form(ground: Ground) -> Work:
    _do_job(ground)
    return form(ground, "/bulk/{bulk_job_id}/retry", {})


async def _go_on(ground: Ground) -> Work:
    await ground.post(f"/bulk-jobs/{ground.world.ids['bulk_job_id']}/stop")
    return ground.request("POST", f"{JOB}/continue")


async def _go_on_by_form(ground: Ground) -> Work:
    await ground.post(f"/bulk-jobs/{ground.world.ids['bulk_job_id']}/stop")
    return form(ground, "/bulk/{bulk_job_id}/continue", {})


async def _ask_for_check(ground: Ground) -> Work:
    _check_books(ground)
    return ground.request("POST", "/api/v1/books-checks")


async def _ask_by_form(ground: Ground) -> Work:
    _check_books(ground)
    return form(ground, "/books", {})


async def _begin_replay(ground: Ground) -> Work:
    _do_replay(ground)
    return ground.request("POST", "/api/v1/pricing/replays", {"days": 7})


async def _begin_replay_by_form(ground: Ground) -> Work:
    _do_replay(ground)
    return form(ground, "/prices/replays", {"days": "7"})


CALLS: Mapping[tuple[str, str], Stage] = {
    ("POST", f"{JOB}/retry"): _retry,
    ("POST", f"{JOB}/continue"): _go_on,
    ("POST", "/api/v1/books-checks"): _ask_for_check,
    ("POST", "/api/v1/pricing/replays"): _begin_replay,
}
"""By method and path. The others are made as their examples stand."""

FORMS: Mapping[str, Stage] = {
    "/c/{slug}/bulk": _begin,
    "/c/{slug}/bulk/{bulk_job_id}/retry": _retry_by_form,
    "/c/{slug}/bulk/{bulk_job_id}/stop": plain("/bulk/{bulk_job_id}/stop"),
    "/c/{slug}/bulk/{bulk_job_id}/continue": _go_on_by_form,
    "/c/{slug}/exports": plain("/exports", rows="orders", format="csv", filters="{}"),
    "/c/{slug}/books": _ask_by_form,
    "/c/{slug}/prices/replays": _begin_replay_by_form,
    "/c/{slug}/prices/replays/{replay_id}/cancellation": plain("/prices/replays/{replay_id}/cancellation"),
}
"""By path; each is posted."""


async def _queued_job(ground: Ground) -> Work:
    return ground.work("drain", "bulk.start_jobs")


async def _queued_file(ground: Ground) -> Work:
    return ground.work("drain", "exports.start_files")


async def _queued_replay(ground: Ground) -> Work:
    return ground.work("drain", "replays.start_replays")


async def _late_events(ground: Ground) -> Work:
    return ground.work("drain", "reports.mark_hours", after=HOURS)


HANDLERS: Mapping[str, Stage] = {
    "bulk.start_jobs": _queued_job,
    "exports.start_files": _queued_file,
    "replays.start_replays": _queued_replay,
    "reports.mark_hours": _late_events,
}
"""By the handler's name."""


async def _all_books(ground: Ground) -> Work:
    _check_books(ground)
    ground.do("drain")  # else an event has waited too long, when the books are checked again
    return ground.work("periodic", "base.check_all_books")


async def _old_checks(ground: Ground) -> Work:
    _check_books(ground)
    return ground.work("periodic", "base.forget_books_checks", after=timedelta(days=91))


async def _old_jobs(ground: Ground) -> Work:
    _do_job(ground)
    return ground.work("periodic", "bulk.forget_old", after=timedelta(days=91))


async def _old_files(ground: Ground) -> Work:
    _write_file(ground)
    return ground.work("periodic", "exports.forget_old", after=timedelta(days=8))


async def _old_replays(ground: Ground) -> Work:
    _do_replay(ground)
    return ground.work("periodic", "replays.forget_old", after=timedelta(days=91))


async def _hours_that_are_over(ground: Ground) -> Work:
    ground.do("periodic", "reports.count_hours")
    return ground.work("periodic", "reports.count_hours", after=HOURS)


async def _hours_that_changed(ground: Ground) -> Work:
    ground.do("periodic", "reports.count_hours")
    ground.do("periodic", "reports.count_hours", after=HOURS)
    ground.do("drain", "reports.mark_hours", after=HOURS)
    return ground.work("periodic", "reports.count_due", after=HOURS)


PERIODIC: Mapping[str, Stage] = {
    "base.check_all_books": _all_books,
    "base.forget_books_checks": _old_checks,
    "bulk.forget_old": _old_jobs,
    "exports.forget_old": _old_files,
    "replays.forget_old": _old_replays,
    "reports.count_hours": _hours_that_are_over,
    "reports.count_due": _hours_that_changed,
}
"""By the name of the periodic work."""


async def _books_to_check(ground: Ground) -> Work:
    ground.do("drain")
    return ground.work("task", "base.check_books", check_id=ground.world.ids["check_id"])


async def _job_to_do(ground: Ground) -> Work:
    ids = [await calls.order(ground), await calls.order(ground), ground.world.ids["order_id"]]
    wish = {"action": "release", "orders": [{"order_id": order_id} for order_id in ids]}
    job = await ground.post("/bulk-jobs", wish)
    return ground.work("task", "bulk.do_job", job_id=job["job_id"])


async def _file_to_write(ground: Ground) -> Work:
    return ground.work("task", "exports.write_file", export_id=ground.world.ids["export_id"])


async def _replay_to_do(ground: Ground) -> Work:
    return ground.work("task", "replays.do_replay", replay_id=ground.world.ids["replay_id"])


TASKS: Mapping[str, Stage] = {
    "base.check_books": _books_to_check,
    "bulk.do_job": _job_to_do,
    "exports.write_file": _file_to_write,
    "replays.do_replay": _replay_to_do,
}
"""By the task's name."""
