"""Forms that arrive twice: a page gives its forms a number, and what is sent under it is done once.

A person whose answer was lost sends the form again: by its button, by reloading, or the browser does. The number and
what was typed are a key that is claimed in the transaction of the first write, so it stands exactly when the work does.
Whoever sends the same again from the same page is told that it was done; the page as it is now has another number.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, NamedTuple, TypeVar

from litestar import Request
from litestar.enums import RequestEncodingType

from jiedan.base import errors, idempotency
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import csrf, exchange

T = TypeVar("T")

FIELD = "form_id"
NUMBER_CHARACTERS_MAX = 100
OPERATION = "form"
UNASKED = frozenset({FIELD, csrf.FIELD})
"""Fields that have no part in what is asked for."""

_BEGUN = "jiedan.form_begun"


@dataclasses.dataclass(eq=False)
class FormAlreadySent(errors.Conflict):
    """The same form of the same page came before, with the same content, and was done."""

    code: ClassVar[str] = "form_already_sent"
    message: ClassVar[str] = N_("This was sent before, and it was done.")
    remedy: ClassVar[str] = N_("Look at the page as it is now; to do it once more, send its form again.")


class Sent(NamedTuple):
    """A form as it was sent: the number that its page gave it, where to, and the keyed digest of what was typed."""

    key: str
    digest: bytes

    async def once(self, tx: Tx, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Do `work` unless it was done. Raises FormAlreadySent; what was refused may be sent again."""
        caller = f"{tx.actor.kind}:{tx.actor.id}"
        claim = idempotency.Claim(caller, self.key, self.digest, tx.new_id())
        (verdict,) = await idempotency.claim_many(tx, operation=OPERATION, claims=[claim])
        if not isinstance(verdict, idempotency.Fresh):
            raise FormAlreadySent
        result = await work(tx)
        if _is_refused(result):
            await idempotency.give_back_many(tx, operation=OPERATION, claims=[claim])
        return result


async def number_of(request: Request[Any, Any, Any]) -> str:
    """Return the number that a form brings from its page, empty for none: a key of what files are taken in under."""
    return str((await request.form()).get(FIELD, ""))


async def begun(request: Request[Any, Any, Any]) -> Sent | None:
    """Return the form of a request at its first write; None for what is no form of a page of ours, and later."""
    if request.content_type[0] != RequestEncodingType.URL_ENCODED or request.scope.get(_BEGUN):
        return None
    request.scope[_BEGUN] = True  # type: ignore[literal-required]  # ASGI lets applications add keys
    form = await request.form()
    number = await number_of(request)
    if not 0 < len(number) <= NUMBER_CHARACTERS_MAX or not number.isprintable():
        return None
    typed = [(name, str(value)) for name, value in form.multi_items() if name not in UNASKED]
    digests = exchange.of(request.scope).site.form_digests
    digest = digests.of(idempotency.fingerprint([request.url.path, typed]))
    return Sent(f"{number}.{digest.hex()}", digest)


async def write(
    database: Database, scope: Scope, request: Request[Any, Any, Any], work: Callable[[Tx], Awaitable[T]]
) -> T:
    """Run `work` in one transaction, again when it lost to another; what a form asks for is done once.

    Raises FormAlreadySent when it came before.
    """
    sent = await begun(request)
    if sent is None:
        return await database.write(scope, work)
    return await database.write(scope, lambda tx: sent.once(tx, work))


def _is_refused(result: object) -> bool:
    """Tell whether all that came of it are refusals, or nothing was asked for: then it may be sent again.

    What is done beside a refusal must be such that doing it again changes nothing.
    """
    outcomes = result if isinstance(result, list) else [result]
    return all(isinstance(outcome, Refusal) for outcome in outcomes)
