"""Connections: the driver's own, with a short way for sets of named statements, and what its errors mean.

A set of statements goes out in one piece and comes back in one piece, prepared from its first use on. The driver's
cursors send and look for an answer after each statement, which costs as much as all else that a small batch does.

The server ends a statement that takes too long, but a server that has vanished ends nothing: who waits for an answer
longer than the server would work on it takes the connection for lost. Sooner than that, who has heard nothing for a
second may have somebody look into it (`base/db/silence.py`), who gives the connection up if nobody works on an answer.
"""

import re
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
import psycopg
import psycopg.types.json
import sqlalchemy as sa
from psycopg import abc, pq
from psycopg.adapt import Buffer, PyFormat, Transformer
from psycopg.waiting import Ready, Wait

from jiedan.base import arrays, turns

SILENCE_S_MAX = 60.0
"""How long to wait for an answer before the connection is lost, unless whoever opens it knows better."""

SILENCE_SPARE_S = 5.0
"""How much longer than the longest statement."""

SUSPICIOUS_S = 1.0
"""Who has heard nothing for so long asks for a look into it."""

CANCEL_S_MAX = 1.0
"""How long to try to tell the server that nobody waits for a statement any more."""

PREPARED_MAX = 1000
PREPARE_THRESHOLD = 2

psycopg.types.json.set_json_dumps(msgspec.json.encode)
psycopg.types.json.set_json_loads(msgspec.json.decode)

WAIT_INTERVAL_S = 0.1
"""How often the driver looks up from waiting."""

T = TypeVar("T")

Call = tuple[bytes, Mapping[str, Any]]
"""A statement with `%(name)s` parameters, and their values."""

_PARAMETER = re.compile(rb"%\((\w+)\)s|%%")
_ANSWERS = pq.Format.BINARY
"""Ids, numbers and moments come as they are in memory, and neither side has to write and read digits."""

_GOOD = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})


class Answer(NamedTuple):
    """What one statement answered: its rows, and how many rows it touched."""

    rows: list[tuple[Any, ...]]
    touched: int


class _Query(NamedTuple):
    """A statement as PostgreSQL reads it, `$1` for the first of `names`."""

    text: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]


class _Message(NamedTuple):
    """A statement with its values as they are sent; it is prepared once for each combination of their types."""

    query: _Query
    key: tuple[bytes, tuple[int, ...]]
    values: Sequence[Buffer | None]
    formats: Sequence[pq.Format]


_QUERIES: dict[bytes, _Query] = {}
"""The named statements of this process, converted once; there are a few hundred."""


class GivenUp(psycopg.OperationalError):
    """The server answers others, and has nothing to answer on this connection."""


class Patient(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection that waits for an answer at most `silence_s_max`, and is lost then; for a hint it waits for ever.

    `opened_s` and `heard_s` are moments of `time.monotonic`: when it was opened, and when anything moved last.
    """

    silence_s_max = SILENCE_S_MAX
    on_silence: Callable[[], None] | None = None
    """Called again and again while nothing has moved for `SUSPICIOUS_S` under a statement."""

    is_waiting = False
    _is_given_up = False
    _waits_for_hints = False

    def __init__(self, pgconn: pq.abc.PGconn, *args: Any, **kwargs: Any) -> None:
        super().__init__(pgconn, *args, **kwargs)
        self.opened_s = self.heard_s = time.monotonic()

    async def wait(self, gen: abc.PQGen[T], interval: float = WAIT_INTERVAL_S, timeout: float | None = None) -> T:  # noqa: ASYNC109 - as the driver has it
        """Wait for the server as the driver does. Raises psycopg.OperationalError when it stays silent."""
        if self._waits_for_hints or timeout is not None:
            return await super().wait(gen, interval, timeout)
        self.heard_s = time.monotonic()
        until_s = self.heard_s + self.silence_s_max
        self.is_waiting, self._is_given_up = True, False
        try:
            # Not `asyncio.timeout`: the driver takes that for an interruption, and asks the silent server to cancel.
            return await super().wait(self._heeding(gen), interval, self.silence_s_max)
        except GivenUp:
            self.pgconn.finish()
            raise
        except psycopg.OperationalError as error:
            if time.monotonic() < until_s:
                raise
            self.pgconn.finish()
            message = f"no answer within {self.silence_s_max:g} s"
            raise psycopg.OperationalError(message) from error
        finally:
            self.is_waiting = False

    def give_up(self) -> None:
        """Let whoever waits for an answer hear soon that none will come."""
        self._is_given_up = True

    def _heeding(self, gen: abc.PQGen[T]) -> abc.PQGen[T]:
        """Do what `gen` does, note when something moves, and look up from the silence in between. Raises GivenUp."""
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    self.heard_s = time.monotonic()
                    self._is_given_up = False
                elif self._is_given_up:
                    message = "the server has nothing to answer"
                    raise GivenUp(message)
                elif self.on_silence is not None and time.monotonic() >= self.heard_s + SUSPICIOUS_S:
                    self.on_silence()
                wanted = gen.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result

    async def cancel_safe(self, *, timeout: float = CANCEL_S_MAX) -> None:  # noqa: ASYNC109 - as the driver has it
        """Ask the server to cancel as the driver does, but not for long: one that has vanished will not hear it."""
        await super().cancel_safe(timeout=min(timeout, CANCEL_S_MAX))

    async def notifies(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as the driver has it
        stop_after: int | None = None,
    ) -> AsyncGenerator[psycopg.Notify]:
        """Yield hints as they come; silence is what there is most of the time."""
        self._waits_for_hints = True
        try:
            async for hint in super().notifies(timeout=timeout, stop_after=stop_after):
                yield hint
        finally:
            self._waits_for_hints = False


class Connection(Patient):
    """A connection that sends sets of statements, and remembers which it has prepared."""

    def __init__(self, pgconn: pq.abc.PGconn, *args: Any, **kwargs: Any) -> None:
        super().__init__(pgconn, *args, **kwargs)
        self._prepared_as: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self._prepared_count = 0
        self._transformer: abc.Transformer | None = None

    @classmethod
    async def open(
        cls, url: str, *, options: str, connect_timeout_s: int, silence_s_max: float = SILENCE_S_MAX
    ) -> Self:
        """Open a connection as the application. Raises psycopg.OperationalError."""
        connection = await cls.connect(
            url,
            autocommit=True,
            options=options,
            application_name="jiedan",
            connect_timeout=connect_timeout_s,
            prepare_threshold=PREPARE_THRESHOLD,
        )
        connection.silence_s_max = silence_s_max
        connection.prepared_max = PREPARED_MAX
        connection.adapters.register_dumper(list, arrays.ArrayLiteral)
        return connection

    async def ask(self, calls: Sequence[Call], *, last: bytes | None = None) -> list[Answer]:
        """Send `calls`, then `last`, which has no parameters, as one set; return what each of `calls` answered.

        Raises the first error of the set; nothing after it was done.
        """
        async with self.lock:
            transformer = self._transformer
            if transformer is None:
                transformer = self._transformer = Transformer(self)
            # Everything is converted before anything is sent: what cannot be converted leaves the connection as it was.
            messages = await turns.taken(_message(transformer, text, parameters) for text, parameters in calls)
            self.pgconn.enter_pipeline_mode()
            try:
                fresh = [self._send(message) for message in messages]
                if last is not None:
                    self.pgconn.send_query_params(last, None)
                self.pgconn.pipeline_sync()
                results = await self.wait(_exchanged(self.pgconn))
            finally:
                _leave_pipeline(self.pgconn)
            self._check(results)
            return list(self._answers(transformer, messages, fresh, results))

    def _send(self, message: _Message) -> bytes | None:
        """Send a statement; return under which name it is prepared with that, if it was not before."""
        known = self._prepared_as.get(message.key)
        if known is not None:
            self.pgconn.send_query_prepared(known, message.values, message.formats, _ANSWERS)
            return None
        self._prepared_count += 1
        name = b"jiedan_%d" % self._prepared_count
        self.pgconn.send_prepare(name, message.query.text, message.key[1])
        self.pgconn.send_query_prepared(name, message.values, message.formats, _ANSWERS)
        return name

    def _answers(
        self,
        transformer: abc.Transformer,
        messages: Sequence[_Message],
        fresh: Sequence[bytes | None],
        results: Iterable[pq.abc.PGresult],
    ) -> Iterator[Answer]:
        found = iter(results)
        for message, name in zip(messages, fresh, strict=True):
            result = next(found)
            if name is not None:  # this was the answer to its preparation
                self._prepared_as[message.key] = name
                result = next(found)
            if not result.nfields:
                yield Answer([], result.command_tuples or 0)
                continue
            transformer.set_pgresult(result)
            yield Answer(transformer.load_rows(0, result.ntuples, tuple), result.ntuples)

    def _check(self, results: Sequence[pq.abc.PGresult]) -> None:
        """Raise the first error among `results`."""
        for result in results:
            if result.status not in _GOOD:
                raise psycopg.errors.error_from_result(result, encoding=self.info.encoding)

    async def discard(self) -> None:
        """Roll back what is open, and forget what was prepared: the driver throws it away then."""
        if self.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            return
        await self.rollback()
        self._prepared_as.clear()
        await self.execute(b"DEALLOCATE ALL", prepare=False)


def _converted(text: bytes) -> _Query:
    names: dict[str, int] = {}

    def place(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            return b"%"
        return b"$%d" % names.setdefault(match[1].decode(), len(names) + 1)

    converted = _PARAMETER.sub(place, text)
    query = _QUERIES[text] = _Query(converted, tuple(names), (PyFormat.AUTO,) * len(names))
    return query


def _message(transformer: abc.Transformer, text: bytes, parameters: Mapping[str, Any]) -> _Message:
    query = _QUERIES.get(text) or _converted(text)
    values = transformer.dump_sequence([parameters[name] for name in query.names], query.formats)
    return _Message(query, (text, transformer.types or ()), values, transformer.formats or ())


def _exchanged(pgconn: pq.abc.PGconn) -> abc.PQGen[list[pq.abc.PGresult]]:
    """Send what is queued and return the results of the whole set, one for each message that has one."""
    results: list[pq.abc.PGresult] = []
    while pgconn.flush():
        ready = yield Wait.RW
        if ready and ready & Ready.R:  # the server answers already, and would stop reading when nobody takes it
            pgconn.consume_input()
    while True:
        while pgconn.is_busy():
            if (yield Wait.R):
                pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            if pgconn.status != pq.ConnStatus.OK:
                return _lost(results)
            continue  # the end of one statement's results
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            break
        results.append(result)
    return results


def _lost(results: list[pq.abc.PGresult]) -> list[pq.abc.PGresult]:
    """Return what came before the connection broke, when it says why. Raises psycopg.OperationalError otherwise."""
    if results and results[-1].status not in _GOOD:
        return results
    message = "the connection broke"
    raise psycopg.OperationalError(message)


def _leave_pipeline(pgconn: pq.abc.PGconn) -> None:
    """End the pipeline; a connection that cannot is of no more use."""
    try:
        pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:
        pgconn.finish()


def driver_error(error: BaseException) -> psycopg.Error | None:
    """Return the driver's own error behind `error`, if there is one."""
    if isinstance(error, sa.exc.DBAPIError) and isinstance(error.orig, psycopg.Error):
        return error.orig
    return error if isinstance(error, psycopg.Error) else None


def is_retryable(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed when it is run again: 40001 or 40P01."""
    cause = driver_error(error)
    return isinstance(cause, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected)


def is_race_lost(error: BaseException) -> bool:
    """Tell whether another run would see what this one could not: what it names was removed after it had looked.

    That is 23503; where it is no race, every run ends so.
    """
    return is_retryable(error) or isinstance(driver_error(error), psycopg.errors.ForeignKeyViolation)


def is_connection_lost(error: BaseException) -> bool:
    """Tell whether the connection broke under `error`; PipelineAborted only follows another error of its pipeline."""
    cause = driver_error(error)
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return not isinstance(cause, psycopg.errors.PipelineAborted) and (cause.sqlstate or "08").startswith(("08", "57P0"))
