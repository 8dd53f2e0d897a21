"""Alembic migrations, run by `jiedan migrate` as the owner role."""
