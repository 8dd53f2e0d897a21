"""`jiedan sandbox`: the card processor to try payments with, as a program of its own."""

import os
from pathlib import Path

from jiedan.base import children, log, settings, supervisor
from jiedan.base import home as homes
from jiedan.base.i18n import N_
from jiedan.cli import addresses, output
from jiedan.cli.grounds import Ground

TARGET = "jiedan.payments.providers.sandbox.processor.app:main"
HOST = "127.0.0.1"
"""It is for trying things out: nobody else on the network has any business with it."""

_NOT_FOR_IT = frozenset(f"JIEDAN_DATABASE_{role}URL" for role in ("", "OWNER_", "DISPATCH_", "BACKUP_"))

_RUNNING = N_("The sandbox card processor answers at {url}.")
_NOT_BESIDE = N_("The sandbox card processor does not run: port {port} is taken. Choose another: JIEDAN_SANDBOX_PORT.")


async def sandbox(*, port: int | None = None) -> None:
    """Run the sandbox card processor: it takes test cards and tokens only, and moves no money.

    Parameters
    ----------
    port
        Port to listen on (JIEDAN_SANDBOX_PORT); default the one after JIEDAN_PORT.

    """
    if port is not None:
        os.environ["JIEDAN_SANDBOX_PORT"] = str(port)
    chosen = settings.load()
    log.configure(level=chosen.log_level, style=chosen.log_format)
    homes.prepare(chosen.home)
    taken = chosen.sandbox_port_or_next()
    addresses.check(HOST, taken)
    output.tell(_RUNNING, url=f"http://localhost:{taken}")
    program = _program(chosen.home, taken)
    async with children.nursery([TARGET.partition(":")[0]], environment=program.environment) as nursery:
        await supervisor.run([program], nursery, grace_s=chosen.shutdown_timeout_s)


def beside(ground: Ground) -> list[supervisor.Program]:
    """Return the program to run beside Jiedan; none, and say why, where its port is taken."""
    port = ground.settings.sandbox_port_or_next()
    try:
        addresses.check(HOST, port)
    except (addresses.PortTaken, addresses.CannotListen):
        output.tell(_NOT_BESIDE, port=port)
        return []
    return [_program(ground.settings.home, port)]


def _program(home: Path, port: int) -> supervisor.Program:
    """Return a program that knows nothing of the database."""
    kept = {key: value for key, value in os.environ.items() if key not in _NOT_FOR_IT}
    environment = {**kept, "JIEDAN_HOME": str(home), "JIEDAN_HOST": HOST, "JIEDAN_PORT": str(port)}
    return supervisor.Program(name="sandbox", target=TARGET, environment=environment)
