"""Files that are there whole or not at all, whatever happens while they are written."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from jiedan.base import failures, reasons

PRIVATE = 0o600
SHARED = 0o666
"""As far as the umask lets it be."""

_DRAFT_BYTES = 8


@contextlib.contextmanager
def drafted(path: Path, *, overwrite: bool, mode: int = PRIVATE) -> Iterator[IO[bytes]]:
    """Open a draft beside `path` that takes its name at the end, synced; it is removed when the end is not reached.

    Without `overwrite`, whoever takes the name first keeps it: raises FileExistsError. Raises OSError.
    """
    if not overwrite and path.exists():  # said before the work, not after it
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    draft = path.with_name(f".{path.name}-{secrets.token_hex(_DRAFT_BYTES)}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            draft.replace(path)
        else:
            os.link(draft, path)  # where a rename would overwrite what came meanwhile, a link fails
    finally:
        draft.unlink(missing_ok=True)
    _sync(path.parent)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an `OSError` raised while `path` is written into a failure that names it. Raises a `failures.Failure`."""
    try:
        yield
    except FileExistsError as error:
        raise failures.FileExists(path=str(path)) from error
    except OSError as error:
        raise failures.FileNotWritten(path=str(path), reason=reasons.of_system(error)) from error


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a loss of power, where its file system can and this user may read it."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        descriptor = os.open(folder, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        os.fsync(descriptor)
