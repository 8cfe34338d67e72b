"""Tags of datasets, how long a dataset took to make, and where a validity range comes from.

Frozen, as every version is. All additions leave old rows as they are: a
dataset of before has no tag, nobody noted its times, and the ranges of
calibrations were given by hand.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of tags, the columns of times, and that of the days of a range."""
    op.create_table(
        "tag",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("note", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.UniqueConstraint("name", name="uq_tag_name"),
    )
    op.create_table(
        "dataset_tag",
        *(
            sa.Column(f"{table}_id", _NUMBER, primary_key=True, autoincrement=False)
            for table in ("tag", "dataset")
        ),
        sa.PrimaryKeyConstraint("tag_id", "dataset_id", name="pk_dataset_tag"),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"],
                [f"{table}.id"],
                name=f"fk_dataset_tag_{table}_id",
                ondelete="CASCADE",
            )
            for table in ("tag", "dataset")
        ),
    )
    op.create_index("ix_dataset_tag_dataset_id", "dataset_tag", ["dataset_id"])
    op.add_column("provenance_output", sa.Column("started", _TEXT, nullable=True))
    for name in ("wall_s", "cpu_s"):
        op.add_column("provenance_output", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("calibration", sa.Column("days", sa.Integer(), nullable=True))
