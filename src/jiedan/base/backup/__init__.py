"""Backups: a whole installation in one file, and back again.

The file is a ZIP archive: the dump of the database (PostgreSQL's custom format, streamed), the secret of the home
folder, the files kept beside the database, and a manifest that counts and hashes every table at the very moment of the
dump. A restore fills an empty database in one transaction and compares it with the manifest, table by table.
"""

from jiedan.base.backup.contents import differences, measured, tables
from jiedan.base.backup.reading import Archive, restore
from jiedan.base.backup.values import Contents, Difference, Manifest, Source
from jiedan.base.backup.writing import write

__all__ = [
    "Archive",
    "Contents",
    "Difference",
    "Manifest",
    "Source",
    "differences",
    "measured",
    "restore",
    "tables",
    "write",
]
