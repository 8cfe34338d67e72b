"""The first schema.

Frozen: it says what version 0001 is, whatever the library's tables become.
Data-ID keys and observation columns differ between registries; they come with
the configuration, as ``keys`` and ``observation``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import context, op

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.schema import SchemaItem
    from sqlalchemy.types import TypeEngine

    from butler.registry.schema import ObservationLike

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TYPES: dict[str, TypeEngine[int] | TypeEngine[float] | TypeEngine[str]] = {
    "int": _NUMBER,
    "float": sa.Double(),
    "str": _TEXT,
}


def upgrade() -> None:
    """Make every table."""
    keys: Mapping[str, str] = context.config.attributes.get("keys") or {}
    observation: ObservationLike | None = context.config.attributes.get("observation")
    _make_plain_tables()
    unique = [] if observation is None else list(observation.unique)
    _make_dataset(keys, [name for name in unique if name in keys])
    _make_raw(observation, unique)
    _make_tables_of_datasets()


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=nullable) for name in names]


def _key(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, primary_key=True, nullable=False) for name in names]


def _id() -> sa.Column[int]:
    return sa.Column("id", _NUMBER, primary_key=True)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _primary_key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _make_plain_tables() -> None:
    tables: dict[str, list[SchemaItem]] = {
        "registry_info": [*_key("name"), *_text("value")],
        "registry_key": [*_key("name"), *_text("type"), _number("position")],
        "dataset_type": [
            _id(),
            *_text("name", "keys", "storage_class"),
            *_text("template", nullable=True),
            sa.UniqueConstraint("name", name="uq_dataset_type_name"),
        ],
        "run": [_id(), *_text("started", "user", "host", "version"), *_text("task", nullable=True)],
        "provenance": [
            _id(),
            sa.Column("digest", sa.LargeBinary(), nullable=False),
            *_text("task", "configuration", "versions", nullable=True),
            sa.UniqueConstraint("digest", name="uq_provenance_digest"),
        ],
        "intent": [_id(), *_text("operation", "paths", "host"), _number("pid"), *_text("started")],
        "trash": [_id(), *_text("path", "removed")],
    }
    for name, parts in tables.items():
        key = "name" if name.startswith("registry_") else "id"
        op.create_table(name, *parts, _primary_key(name, key))


def _make_dataset(keys: Mapping[str, str], observation_keys: list[str]) -> None:
    op.create_table(
        "dataset",
        _id(),
        _number("type_id"),
        *_text("data_id", "path"),
        _number("hdu", nullable=True),
        *(sa.Column(name, sa.BigInteger()) for name in ("size", "mtime_ns", "inode")),
        sa.Column("sha256", sa.LargeBinary()),
        _number("run_id", nullable=True),
        *(sa.Column(name, _TYPES[kind]) for name, kind in keys.items()),
        _primary_key("dataset", "id"),
        sa.UniqueConstraint("type_id", "data_id", name="uq_dataset_type_id_data_id"),
        sa.ForeignKeyConstraint(["type_id"], ["dataset_type.id"], name="fk_dataset_type_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_dataset_run_id"),
    )
    if observation_keys:
        op.create_index("ix_dataset_observation", "dataset", ["type_id", *observation_keys])
    several = sa.text("hdu IS NOT NULL")
    op.create_index(
        "ix_dataset_path", "dataset", ["path"], sqlite_where=several, postgresql_where=several
    )


def _make_raw(observation: ObservationLike | None, unique: list[str]) -> None:
    columns = {} if observation is None else observation.columns
    name = f"uq_raw_{'_'.join(unique)}"
    op.create_table(
        "raw",
        _id(),
        *(sa.Column(column, _TYPES[kind]) for column, kind in columns.items()),
        _primary_key("raw", "id"),
        *([sa.UniqueConstraint(*unique, name=name)] if unique else []),
    )
    indexed = [unique]
    for implication in () if observation is None else observation.implied:
        by = list(implication.by)
        if not any(by == known[: len(by)] for known in indexed):
            indexed.append(by)
            op.create_index(f"ix_raw_{'_'.join(by)}", "raw", by)


def _make_tables_of_datasets() -> None:
    tables: dict[str, tuple[list[SchemaItem], list[str]]] = {
        "calibration": ([*_key("begin"), *_text("end")], ["begin"]),
        "provenance_output": ([sa.Column("provenance_id", _NUMBER, nullable=False)], []),
        "provenance_input": (
            [
                *_key("repository", "dataset_type", "data_id"),
                sa.Column("sha256", sa.LargeBinary()),
            ],
            ["repository", "dataset_type", "data_id"],
        ),
    }
    for name, (columns, key) in tables.items():
        op.create_table(
            name,
            sa.Column("dataset_id", _NUMBER, primary_key=True, autoincrement=False),
            *columns,
            _primary_key(name, "dataset_id", *key),
            sa.ForeignKeyConstraint(
                ["dataset_id"], ["dataset.id"], name=f"fk_{name}_dataset_id", ondelete="CASCADE"
            ),
            *_links(name),
        )


def _links(table: str) -> list[sa.ForeignKeyConstraint]:
    if table != "provenance_output":
        return []
    name = "fk_provenance_output_provenance_id"
    return [sa.ForeignKeyConstraint(["provenance_id"], ["provenance.id"], name=name)]
