"""The home folder: where an installation keeps its secret, its embedded database and its run files.

Only folders and files made here get their mode from here; the mode of a folder that was there before is never touched.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from jiedan.base import failures, files, reasons

ID_BYTES = 8
SECRET_BYTES = 32

_PRIVATE_FOLDER = 0o700
_ENTERABLE_FOLDER = 0o711  # as root: the system user that runs PostgreSQL passes through, and lists nothing
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def is_root() -> bool:
    """Tell whether this process runs as root."""
    return os.geteuid() == 0


@contextlib.contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turn an `OSError` raised while writing below `home` into a failure that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise no_room(home) from error
        raise failures.HomeNotWritable(home=str(home), reason=reasons.of_system(error)) from error


def no_room(path: Path) -> failures.DiskFull:
    """Return the failure that says the disk of `path` is full."""
    return failures.DiskFull(path=str(path))


def prepare(home: Path) -> Path:
    """Make the home folder if it is missing, prove that it can be written and return its path without symlinks.

    Raises HomeNotWritable or DiskFull.
    """
    with explained(home):
        if not home.is_dir():
            _make(home)
        probe = home / f".probe-{os.getpid()}-{secrets.token_hex(4)}"
        write_private(probe, "probe\n")
        probe.unlink()
        return home.resolve()


def identity(home: Path) -> str:
    """Return the random name of this home, made once; `home` is prepared."""
    return _made_once(home, "id", lambda: secrets.token_hex(ID_BYTES))


def known_identity(home: Path) -> str:
    """Return the random name of the folder `home`, "-" when it has none."""
    try:
        return (home / "id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"


def has_secret(home: Path) -> bool:
    """Tell whether the signing secret of this home has been made."""
    return (home / "secret").is_file()


def secret(home: Path) -> str:
    """Return the random signing secret of this home, made once with mode 0600; `home` is prepared."""
    return _made_once(home, "secret", lambda: secrets.token_urlsafe(SECRET_BYTES))


def push_key(home: Path, make: Callable[[], str]) -> str:
    """Return the key that signs pushes from this home, made once by `make`; `home` is prepared."""
    return _made_once(home, "push-key", make)


def keep_secret(home: Path, value: str) -> str:
    """Make `value` the signing secret of this home unless it has one, and return the one it has; `home` is prepared."""
    return _made_once(home, "secret", lambda: value)


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` with mode 0600, so that a reader sees the old or the new content, never half of it."""
    with files.drafted(path, overwrite=True) as file:
        file.write(text.encode())


def _make(home: Path) -> None:
    mode = _ENTERABLE_FOLDER if is_root() else _PRIVATE_FOLDER
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        home.mkdir(mode=mode)
    except FileExistsError:
        if not home.is_dir():
            raise
    else:
        home.chmod(mode)  # whatever the umask took away


def _made_once(home: Path, name: str, make: Callable[[], str]) -> str:
    path = home / name
    with explained(home):
        if not path.exists():
            # Of two processes that start together, the value of one stays.
            with contextlib.suppress(FileExistsError), files.drafted(path, overwrite=False) as file:
                file.write(f"{make()}\n".encode())
        return path.read_text(encoding="ascii").strip()
