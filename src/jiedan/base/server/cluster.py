"""Making the data folder, once, and configuring it, at each start."""

import asyncio
import json
import os
import secrets
import shutil
from pathlib import Path

from jiedan.base import home as homes
from jiedan.base.i18n import N_
from jiedan.base.server import configuration, errors, places, roles

_PASSWORD_BYTES = 24
_REASON_CHARACTERS_MAX = 300


async def ensure(place: places.Place, *, progress: places.Progress, testing: bool) -> None:
    """Make the database's folder if there is none; refuse one made by another major version.

    An interrupted attempt leaves a draft that the next one removes. Raises InitFailed, OtherMajorVersion,
    PasswordsLost, DiskFull.
    """
    if place.is_made():
        found = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != place.programs.major:
            raise errors.OtherMajorVersion(folder=str(place.data), found=found, wanted=place.programs.major)
        return
    progress(N_("Making the database in {data} …"), data=place.data)
    with homes.explained(place.root):
        passwords = {role: secrets.token_urlsafe(_PASSWORD_BYTES) for role in roles.LOGINS}
        homes.write_private(place.passwords, json.dumps(passwords, indent=1) + "\n")
        draft = place.root / ".postgres-draft"
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        place.account.own(draft)
        await _initdb(place, draft, password=passwords[roles.SUPERUSER], sync=not testing)
        draft.rename(place.data)


def configure(place: places.Place, *, testing: bool) -> None:
    """Write `postgresql.conf` and `pg_hba.conf`.

    Raises DiskFull or HomeNotWritable.
    """
    chosen = configuration.settings(
        sockets=place.sockets,
        memory=configuration.memory_bytes(),
        cores=os.cpu_count() or 1,
        free=shutil.disk_usage(place.data).free,
        testing=testing,
    )
    with homes.explained(place.root):
        for name, text in (("postgresql.conf", configuration.rendered(chosen)), ("pg_hba.conf", configuration.HBA)):
            homes.write_private(place.data / name, text)
            place.account.own(place.data / name)


def passwords(place: places.Place) -> dict[str, str]:
    """Return the passwords of the roles by role.

    Raises PasswordsLost.
    """
    try:
        found = json.loads(place.passwords.read_text(encoding="utf-8"))
        return {role: str(found[role]) for role in roles.LOGINS}
    except (OSError, ValueError, KeyError) as error:
        raise errors.PasswordsLost(folder=str(place.data), path=str(place.passwords)) from error


async def _initdb(place: places.Place, draft: Path, *, password: str, sync: bool) -> None:
    password_file = place.root / ".initdb-password"
    homes.write_private(password_file, password + "\n")
    place.account.own(password_file)
    options = [
        f"--pgdata={draft}",
        f"--username={roles.SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",  # the same order of text whatever C library the machine has
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        *([] if sync else ["--no-sync"]),
    ]
    try:
        process = await asyncio.create_subprocess_exec(
            place.programs.program("initdb"),
            *options,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            **place.account.start_arguments(),
        )
        output, _ = await process.communicate()
    finally:
        password_file.unlink(missing_ok=True)
    if process.returncode != 0:
        _raise_init_failed(place, output.decode(errors="replace"))


def _raise_init_failed(place: places.Place, output: str) -> None:
    if "No space left on device" in output:
        raise homes.no_room(place.root)
    lines = [line for line in output.splitlines() if "error" in line.lower() or "fatal" in line.lower()]
    reason = " ".join(lines or output.splitlines()[-3:])[:_REASON_CHARACTERS_MAX]
    raise errors.InitFailed(folder=str(place.data), reason=reason)
