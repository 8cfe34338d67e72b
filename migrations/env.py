"""How Alembic reaches the registry that is being upgraded.

The connection comes from ``butler.registry.upgrade``, which has opened the one
transaction that all steps run in: a step that fails undoes every step.
"""

from __future__ import annotations

from alembic import context
from alembic.util import CommandError


def run_migrations() -> None:
    """Run the steps on the connection that was handed over."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        message = "Alembic does not know the registry. Run: butler migrate REPO"
        raise CommandError(message)
    context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


run_migrations()
