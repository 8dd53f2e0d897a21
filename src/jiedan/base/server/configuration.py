"""The server's own configuration files, written anew at each start for the machine it runs on."""

import os
from pathlib import Path

CONNECTIONS_MIN = 100
CONNECTIONS_PER_CORE = 12  # a full pool of one API process, and a little more
CONNECTIONS_SPARE = 40  # the worker, commands, backups, PostgreSQL's own reserve

_MIB = 1024 * 1024
_MEMORY_UNKNOWN = 2048 * _MIB
_SHARED_BUFFERS_MAX = 8 * 1024 * _MIB
"""A quarter of the memory up to here, of which only what is used is taken. With 1 GB, each order of a million read
thirty pages that had been put out, and wrote as many to make room."""

_SHARED_BUFFERS_TESTING_MAX = 256 * _MIB
_SHARED_BUFFERS_MIN = 64 * _MIB
_LOG_MAX = 8 * 1024 * _MIB
_LOG_MIN = 256 * _MIB
_LOG_SHARE = 8
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

_HEADER = "# Written by Jiedan at each start. Settings of your own: ALTER SYSTEM SET, which wins over this file.\n"

HBA = """\
# Written by Jiedan at each start: the Unix socket is the only way in, with a password.
local all all scram-sha-256
"""


def memory_bytes() -> int:
    """Return the memory this machine or container may use."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        total = _MEMORY_UNKNOWN
    for path in _CGROUP_LIMITS:
        try:
            limit = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if limit.isdecimal():
            total = min(total, int(limit))
    return total


def settings(*, sockets: Path, memory: int, cores: int, free: int, testing: bool) -> dict[str, str]:
    """Return the server's settings by name, for `memory` bytes, `cores` processors and `free` bytes of the disk.

    `testing` gives up durability for speed; such a server is refused by every command that serves.
    """
    most = _SHARED_BUFFERS_TESTING_MAX if testing else _SHARED_BUFFERS_MAX
    shared = max(_SHARED_BUFFERS_MIN, min(memory // 4, most))
    log = max(_LOG_MIN, min(free // _LOG_SHARE, _LOG_MAX))
    chosen = {
        "cluster_name": "jiedan",
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0777",  # the folder decides who comes in, the password who goes on
        "max_connections": str(max(CONNECTIONS_MIN, cores * CONNECTIONS_PER_CORE + CONNECTIONS_SPARE)),
        "shared_buffers": f"{shared // _MIB}MB",
        "effective_cache_size": f"{max(memory // 2 // _MIB, 128)}MB",
        "maintenance_work_mem": f"{max(32, min(memory // 32 // _MIB, 256))}MB",
        "work_mem": "8MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_buffers": "16MB",
        "min_wal_size": "128MB",
        # The first change of a page after a checkpoint logs the whole page, and the terms of one order among a million
        # go to twenty-five pages: the seldomer a checkpoint, the fewer pages go to the log twice.
        "max_wal_size": f"{log // _MIB}MB",
        "checkpoint_timeout": "15min",
        # Plans of foreign keys, made while a table is empty, take any index that begins with the tenant; the first
        # ANALYZE replaces them, so it should not be a minute away.
        "autovacuum_naptime": "10s",
        # Looked at so often, a table in growth would be sampled again with every tenth row: a tenth of all work.
        "autovacuum_analyze_scale_factor": "0.5",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",  # a week of logs, each day overwriting its own of the week before
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %u@%d ",
        "log_lock_waits": "on",
        # Rows and parameters may be personal data: neither is written to the log.
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    if testing:
        chosen |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "logging_collector": "off",
            "autovacuum_naptime": "1h",
        }
    return chosen


def rendered(chosen: dict[str, str]) -> str:
    """Return the text of `postgresql.conf`."""
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in chosen.items())
    return _HEADER + "\n".join(lines) + "\n"
