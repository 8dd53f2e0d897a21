"""The steps, in the order a torture takes them."""

from jiedan.base.i18n import N_
from jiedan.torture.faults import killing, network
from jiedan.torture.stage import Step

STEPS: tuple[Step, ...] = (
    Step("kill-api", N_("the serving process is killed"), killing.kill_api),
    Step("kill-worker", N_("the worker is killed"), killing.kill_worker),
    Step("kill-database", N_("PostgreSQL is killed"), killing.kill_database),
    Step("kill-everything", N_("every process is killed at once"), killing.kill_everything),
    Step("restart-database", N_("PostgreSQL is restarted, immediately and often"), killing.restart_database),
    Step("commit-ambiguity", N_("the reply to COMMIT is lost"), network.cut_at_commit),
    Step("reset-connections", N_("connections to PostgreSQL are reset"), network.reset),
    Step("half-open", N_("connections to PostgreSQL fall silent"), network.half_open),
    Step("slow-database", N_("PostgreSQL is slow"), network.slow),
)

BY_NAME = {step.name: step for step in STEPS}
