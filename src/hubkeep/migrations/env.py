"""Loaded by alembic: runs the steps on the connection that `hubkeep.migrations.upgrade` hands over."""

from alembic import context

from hubkeep.migrations import compare, metadata

LOCK_TIMEOUT = "4s"  # a step gives up rather than queue every request of the site behind it

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=compare.render,
    compare_type=compare.same_type,
    include_object=compare.included(connection),
    # SQLite changes a column by rebuilding its table; the first step of all changes nothing.
    render_as_batch=context.config.attributes.get("batch", True),
    user_module_prefix="sa.",
)
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
with context.begin_transaction():
    context.run_migrations()
