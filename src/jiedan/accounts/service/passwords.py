"""Passwords: hashed with Argon2id in threads, two at a time, with the same work whether an account exists or not."""

import asyncio
import concurrent.futures
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple, Protocol, TypeVar, TypeVarTuple, Unpack

import pwdlib
from pwdlib.hashers.argon2 import Argon2Hasher

from jiedan.accounts import errors, rules
from jiedan.base.runtime import Runtime

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

THREADS = 2
"""Each hash takes 64 MiB and a core for some 50 ms; more at once would only starve the orders."""

WAITING_MAX = 64
NOBODY = "nobody has this password"


class Hasher(Protocol):
    """Hash and verify; `pwdlib.PasswordHash` is one."""

    def hash(self, password: str) -> str:
        """Return a salted hash that names its own parameters."""
        ...

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:  # noqa: A002 - pwdlib's name
        """Tell whether the password is right, with a new hash when the parameters have moved on."""
        ...


class Verified(NamedTuple):
    """Whether a password is right, and a better hash to store when the stored one is outdated."""

    is_right: bool
    rehashed: str | None


class Passwords:
    """Hash passwords off the event loop; one per process."""

    def __init__(self, hasher: Hasher | None = None) -> None:
        self._hasher: Hasher = hasher or pwdlib.PasswordHash((Argon2Hasher(),))
        self._threads = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash of a password. Raises PasswordsBusy."""
        return await self._run(self._hasher.hash, rules.normalized_password(password))

    async def verify(self, password: str, stored: str | None) -> Verified:
        """Tell whether `password` is the one behind `stored`.

        Without `stored` (nobody has that e-mail, or no password was chosen yet) the same work is done for the answer
        no. Raises PasswordsBusy.
        """
        text = rules.normalized_password(password)[: rules.PASSWORD_CHARACTERS_MAX + 1]
        is_right, rehashed = await self._run(self._verify, text, stored)
        return Verified(is_right and stored is not None, rehashed if stored is not None else None)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, text: str, stored: str | None) -> tuple[bool, str | None]:
        if self._nobody is None:  # a process starts sooner without; whose turn is first says nothing about an account
            self._nobody = self._hasher.hash(NOBODY)
        return self._hasher.verify_and_update(text, stored or self._nobody)

    async def _run(self, work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
        if self._waiting >= WAITING_MAX:
            raise errors.PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


@contextlib.asynccontextmanager
async def open_passwords(_runtime: Runtime) -> AsyncIterator[Passwords]:
    """Open the process's `Passwords` (a part for `wiring.PARTS`)."""
    passwords = Passwords()
    try:
        yield passwords
    finally:
        passwords.close()
