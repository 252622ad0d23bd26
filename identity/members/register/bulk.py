"""Many rows at once: COPY for new ones, one UPDATE for changed ones. Sealed columns are sealed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

from core.encryption.fields import LookupHashField, SealedField

__all__ = ["copy", "sealed", "update"]


def sealed(fields: Sequence[SealedField[Any, Any]], values: Iterable[Any], key: UUID) -> list[bytes | None]:
    """Return plain values, each closed for its column in the row with this key."""
    row = str(key)
    return [field.close(value, row) for field, value in zip(fields, values, strict=True)]


def copy(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values as they lie in the columns. Constraints speak as with any insert (IntegrityError)."""
    quote = connection.ops.quote_name
    columns = [_field(model, name) for name in names]
    listed = ", ".join(quote(str(field.column)) for field in columns)
    statement = f"COPY {quote(model._meta.db_table)} ({listed}) FROM STDIN (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as out:
        out.set_types([_type(field) for field in columns])
        for row in rows:
            out.write_row(row)


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set the named columns; each row is its key and then the values as they lie in the columns."""
    if not rows:
        return
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), _field(model, "pk")
    columns = [_field(model, name) for name in names]
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in (key, *columns))
    aliases = ", ".join(f"v{number}" for number in range(len(columns)))
    changes = ", ".join(f"{quote(str(field.column))} = v.v{number}" for number, field in enumerate(columns))
    where = f"{table}.{quote(str(key.column))} = v.k"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS v(k, {aliases}) WHERE {where}",  # noqa: S608
            [list(column) for column in zip(*rows, strict=True)],
        )


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 (names are literals of this room)
    return field


def _type(field: models.Field[Any, Any]) -> str:
    if isinstance(field, SealedField | LookupHashField):
        return "bytea"
    return (field.rel_db_type(connection) or "").split("(")[0]
