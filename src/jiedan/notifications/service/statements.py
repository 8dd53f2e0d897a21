"""The named statements of this folder."""

from jiedan.base import sql

SQL = sql.load("jiedan.notifications.service", "writing.sql")
