"""`jiedan gift-cards rekey`."""

from typing import NamedTuple
from uuid import UUID

import cyclopts

from jiedan.base import directory
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_
from jiedan.cli import output, runtime
from jiedan.wallets import service
from jiedan.wallets.rules import Codes
from jiedan.wallets.values import Rekeyed

EXIT_UNKNOWN = 1

app = cyclopts.App(name="gift-cards", help=N_("Let gift cards be found under another signing secret."))

_DONE = N_("{moved} of {cards} gift cards were moved to the present secret, {unknown} are of a secret not known here.")
_MOVING = N_("Moving gift cards")


class Total(NamedTuple):
    """How many cards there are, were moved now, and are of a secret that is not known."""

    cards: int = 0
    moved: int = 0
    unknown: int = 0


@app.command
async def rekey() -> int:
    """Store the hashes of all gift cards anew under the present signing secret; their codes stay what they are.

    JIEDAN_SECRET is the present one, JIEDAN_FORMER_SECRET the one before. Serving may go on meanwhile. Run again, it
    goes on where it was; exits with 1 while there are cards of a secret that is neither.
    """
    async with runtime.running() as jiedan:
        codes = Codes(*jiedan.settings.code_secrets())
        total = Total()
        with output.progress(_MOVING, total=None) as advance:
            after = ""
            while found := await directory.entries(jiedan.database, after=after):
                for entry in found:
                    of_one = await _of_merchant(jiedan.database, Scope(entry.tenant), codes)
                    advance(of_one.cards)
                    total = Total(*(a + b for a, b in zip(total, of_one, strict=True)))
                after = found[-1].slug
    output.result(total._asdict(), _DONE, **total._asdict())
    return EXIT_UNKNOWN if total.unknown else 0


async def _of_merchant(database: Database, scope: Scope, codes: Codes) -> Total:
    total, after = Total(), UUID(int=0)
    while (done := await _next_set(database, scope, codes, after)) is not None:
        total = Total(total.cards + done.seen, total.moved + done.moved, total.unknown + done.unknown)
        after = done.last
    return total


async def _next_set(database: Database, scope: Scope, codes: Codes, after: UUID) -> Rekeyed | None:
    return await database.write(scope, lambda tx: service.rekey_cards(tx, codes=codes, after=after))
