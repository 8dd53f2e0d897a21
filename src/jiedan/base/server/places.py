"""Where the embedded server's files live and which user it runs as.

An ordinary user runs the server as itself, with everything in the home folder. PostgreSQL refuses to run as root, so
root runs it as the system user `jiedan`; where that user cannot enter the home folder or read the programs, what it
cannot reach lives under `/var/lib/jiedan/<id of the home>/`. The mode of a folder that is not ours is never changed.
"""

import dataclasses
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Protocol

from jiedan.base import home as homes
from jiedan.base.i18n import N_, Phrase
from jiedan.base.server import binaries, errors

SYSTEM_USER = "jiedan"
SYSTEM_ROOT = Path("/var/lib/jiedan")
SOCKET_PATH_BYTES_MAX = 107  # sun_path, less its closing NUL

_PRIVATE_FOLDER = 0o700
_OURS_ENTERABLE = 0o711
_SOCKET_NAME = ".s.PGSQL.5432"
_LOCK_SUFFIX = ".lock"
_UNQUOTABLE = frozenset(',"\n')
_PROBE_TIMEOUT_S = 10


class Progress(Protocol):
    """Take what the person who waits should know: a message id and the values of its placeholders."""

    def __call__(self, message: str, /, **values: object) -> None:
        """Tell it."""
        ...


@dataclasses.dataclass(frozen=True)
class Account:
    """The user the server runs as."""

    name: str
    uid: int
    gid: int

    def start_arguments(self) -> dict[str, Any]:
        """Return what `subprocess` needs to start a program as this user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, path: Path, *, enter: bool = False) -> bool:
        """Tell whether this user can read the file `path`, or enter the folder `path`."""
        test = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", "-x" if enter else "-r", str(path)]
        done = subprocess.run(
            test, cwd="/", check=False, capture_output=True, timeout=_PROBE_TIMEOUT_S, **self.start_arguments()
        )
        return done.returncode == 0

    def own(self, path: Path) -> None:
        """Give `path`, which this process made, to this user."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)


@dataclasses.dataclass(frozen=True)
class Place:
    """Everything about where one embedded server lives."""

    home: Path
    root: Path
    account: Account
    programs: binaries.Binaries
    sockets: Path

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data folder."""
        return self.root / "postgres"

    @property
    def passwords(self) -> Path:
        """Return the file with the passwords of the roles."""
        return self.root / "passwords.json"

    @property
    def start_log(self) -> Path:
        """Return the file that takes what the server says before it opens its own log."""
        return self.root / "postgres-start.log"

    def is_made(self) -> bool:
        """Tell whether the database has been made."""
        return (self.data / "PG_VERSION").is_file()


def find(home: Path, *, progress: Progress) -> Place:
    """Decide where the server of the prepared folder `home` lives, and make the folders it needs.

    Raises a failure of `errors` when there is no such place.
    """
    account = _account(home)
    programs = binaries.find()
    root = home
    if account.uid != os.geteuid():
        aside = SYSTEM_ROOT / homes.identity(home)
        if _is_elsewhere(home, aside, account):
            root = _made_aside(home, aside)
            moved = N_("The user {user} cannot enter {home}, so the database lives in {root}.")
            progress(moved, user=account.name, home=home, root=root)
        if not all(account.can(path) for path in programs.needed()):
            programs = _copied(programs, _made_aside(home, aside), user=account.name, progress=progress)
    return Place(
        home=home, root=root, account=account, programs=programs, sockets=_sockets(root, homes.identity(home), account)
    )


def _copied(programs: binaries.Binaries, folder: Path, *, user: str, progress: Progress) -> binaries.Binaries:
    with homes.explained(folder):
        copy = binaries.copied(programs, folder)
    progress(
        N_("The user {user} cannot read {source}, so PostgreSQL runs from {copy}."),
        user=user,
        source=programs.root,
        copy=copy.root,
    )
    return copy


def existing_root(home: Path) -> Path | None:
    """Return the folder that holds the database of `home`, if there is one."""
    for root in (home, SYSTEM_ROOT / homes.known_identity(home)):
        if (root / "postgres" / "PG_VERSION").is_file():
            return root
    return None


def _account(home: Path) -> Account:
    """Return the owner of the database; of one not yet made, this user, or the system user if this is root."""
    data = home / "postgres"
    own = os.geteuid()
    if data.exists() and (owner := data.stat().st_uid) != 0:
        account = _named(owner)
        if own not in (0, owner):
            raise errors.DataOfAnotherUser(folder=str(data), user=account.name)
        return account
    return _system_user() if own == 0 else _named(own)


def _named(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # containers run under numbers that have no name
        return Account(name=str(uid), uid=uid, gid=os.getegid())
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid)


def _system_user() -> Account:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(name=SYSTEM_USER, uid=entry.pw_uid, gid=entry.pw_gid)


def _make_system_user() -> None:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if program is None:
        raise errors.NoSystemUser(user=SYSTEM_USER, reason=Phrase("there is no useradd"))
    make = [program, "--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_ROOT)]
    done = subprocess.run(
        [*make, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=False, capture_output=True, text=True
    )
    try:
        pwd.getpwnam(SYSTEM_USER)  # another command may have made it meanwhile
    except KeyError:
        raise errors.NoSystemUser(user=SYSTEM_USER, reason=done.stderr.strip()) from None


def _is_elsewhere(home: Path, aside: Path, account: Account) -> bool:
    """Tell whether the database lives aside: it was made there, or the home cannot be entered by its user."""
    if (aside / "postgres").exists():
        return True
    if account.can(home, enter=True):
        return False
    if (home / "postgres").exists():
        raise errors.DataOutOfReach(folder=str(home / "postgres"), user=account.name)
    return True


def _made_aside(home: Path, aside: Path) -> Path:
    """Return the folder under /var/lib that belongs to `home`, and only to it."""
    note = aside / "home"
    with homes.explained(SYSTEM_ROOT):
        _make_enterable(SYSTEM_ROOT)
        _make_enterable(aside)
        if note.is_file():
            other = Path(note.read_text(encoding="utf-8").strip())
            if other != home and homes.known_identity(other) == aside.name:
                raise errors.CopiedHome(home=str(home), other=str(other))
        homes.write_private(note, f"{home}\n")
    return aside


def _make_enterable(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(_OURS_ENTERABLE)


def _sockets(root: Path, identity: str, account: Account) -> Path:
    """Return the folder of the Unix socket: only `account`, and root, can enter it."""
    folder = root / "run"
    if not _fits(folder):
        folder = _short_folder(identity)
    with homes.explained(folder.parent):
        if homes.is_root() and folder.parent == SYSTEM_ROOT:
            _make_enterable(SYSTEM_ROOT)
        if not os.path.lexists(folder):
            folder.mkdir(mode=_PRIVATE_FOLDER)
            account.own(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise errors.NoSocketFolder(folder=str(folder))
    return folder


def _fits(folder: Path) -> bool:
    name = str(folder / (_SOCKET_NAME + _LOCK_SUFFIX))
    return len(os.fsencode(name)) <= SOCKET_PATH_BYTES_MAX and not _UNQUOTABLE & set(name)


def _short_folder(identity: str) -> Path:
    if homes.is_root():
        return SYSTEM_ROOT / f"{identity}.run"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and _fits(Path(runtime, f"jiedan-{identity}")):
        return Path(runtime, f"jiedan-{identity}")
    short = Path(tempfile.gettempdir(), f"jiedan-{os.geteuid()}-{identity}")
    return short if _fits(short) else Path("/tmp", short.name)  # noqa: S108 - its owner and mode are checked
