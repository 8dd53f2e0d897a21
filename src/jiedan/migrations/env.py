"""Run migrations on the connection that `jiedan.base.migrate` hands over."""

from alembic import context

from jiedan import schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=schema.metadata,
    compare_type=True,
    compare_server_default=True,
    include_name=schema.is_ours,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
