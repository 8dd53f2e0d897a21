"""The steps, in the order a torture takes them."""

from jiedan.base.i18n import N_
from jiedan.torture import installation
from jiedan.torture.faults import clients, clocks, disk, events, killing, network, processor, restarting
from jiedan.torture.processes import Kind
from jiedan.torture.stage import Step

_API: frozenset[Kind] = frozenset({"api"})
_WORKER: frozenset[Kind] = frozenset({"worker"})
"""Also where it loses its database, which may end it: its supervisor starts another."""

_DATABASE: frozenset[Kind] = frozenset({"database", "worker"})
_SERVERS: frozenset[Kind] = frozenset({"serve", "api", "worker"})
_ALL: frozenset[Kind] = frozenset({"serve", "api", "worker", "database"})

STEPS: tuple[Step, ...] = (
    Step(
        "kill-api",
        N_("the processes that serve are killed"),
        killing.kill_api,
        ends=_API,
        readiness="gone",
        processes=killing.API_PROCESSES,
        seconds=40,
    ),
    Step("kill-worker", N_("the worker is killed"), killing.kill_worker, ends=_WORKER),
    Step("kill-database", N_("PostgreSQL is killed"), killing.kill_database, ends=_DATABASE, readiness="unable"),
    Step(
        "kill-everything",
        N_("every process is killed at once"),
        killing.kill_everything,
        ends=_ALL,
        readiness="unable",
        seconds=35,
    ),
    Step(
        "restart-database",
        N_("PostgreSQL is restarted, immediately and often"),
        killing.restart_database,
        ends=_DATABASE,
        readiness="unable",
        seconds=60,
    ),
    Step("commit-ambiguity", N_("the reply to COMMIT is lost"), network.cut_at_commit),
    Step("reset-connections", N_("connections to PostgreSQL are reset"), network.reset, ends=_WORKER),
    Step(
        "half-open",
        N_("connections to PostgreSQL fall silent"),
        network.half_open,
        ends=_WORKER,
        readiness="unable",
        healing_s=installation.SILENCE_S_MAX,
        seconds=55,
    ),
    Step("slow-database", N_("PostgreSQL is slow"), network.slow, readiness="busy"),
    Step("disk-full", N_("the disk is full"), disk.fill, readiness="unable", has_small_disk=True, seconds=35),
    Step("poison", N_("events come that no handler understands"), events.poison, settle=events.until_dead, seconds=35),
    Step(
        "held-events",
        N_("the worker is killed while it holds events"),
        events.kill_holding,
        ends=_WORKER,
        seconds=90,
    ),
    Step(
        "two-schedulers",
        N_("two workers run what falls due by the clock"),
        events.two_schedulers,
        settle=clocks.right_again,
        ends=_WORKER,
        seconds=60,
    ),
    Step("webhook-storm", N_("messages of the processor come a thousand times"), processor.storm, readiness="busy"),
    Step(
        "processor-hangs",
        N_("the processor charges and does not answer"),
        processor.charge_and_hang,
        pay=processor.PATIENT_TOKENS,
    ),
    Step(
        "processor-late",
        N_("the processor answers late, twice and out of order"),
        processor.late_and_shuffled,
        pay=processor.PATIENT_TOKENS,
    ),
    Step(
        "wrong-clocks",
        N_("clocks are wrong"),
        clocks.wrong_clocks,
        settle=clocks.right_again,
        ends=_WORKER,
        seconds=85,
    ),
    Step(
        "pool-exhaustion",
        N_("more is asked at once than there are connections"),
        clients.exhaust_pool,
        readiness="busy",
    ),
    Step("slow-clients", N_("clients send and read slowly"), clients.slow_clients, is_gentle=True),
    Step(
        "rolling-restart",
        N_("servers are restarted one after the other"),
        restarting.rolling,
        ends=_SERVERS,
        readiness="unable",
        servers=2,
        drain_s=restarting.DRAIN_S,
        is_gentle=True,
        seconds=35,
    ),
)

BY_NAME = {step.name: step for step in STEPS}
