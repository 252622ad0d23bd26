"""Many rows at once: COPY for new ones, one UPDATE for changed ones. Sealed columns are sealed on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg.types.numeric import Int8

from core.encryption import seal
from core.encryption.fields import LookupHashField, SealedField

KEYS = "SELECT substring(%s::bytea FROM n * 32 + 1 FOR 32) FROM generate_series(0, %s - 1) n"


class Sealer:
    """Seals the values of some columns of a model, as `SealedField.close` does for one."""

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        fields = [field for name in names if isinstance(field := model._meta.get_field(name), SealedField)]
        self._table = model._meta.db_table
        self._columns = [(name, field.place, field.to_bytes) for name, field in zip(names, fields, strict=True)]

    def seal(self, thing: Any, key: UUID) -> list[bytes]:
        """Return the attributes of a thing that has the names of the columns, closed for the row with this key."""
        row, table = str(key), self._table
        return [
            seal(to_bytes(getattr(thing, name)), table=table, column=column, row=row)
            for name, column, to_bytes in self._columns
        ]


def copy(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values as they lie in the columns. Constraints speak as with any insert (IntegrityError).

    A number for a bigint column must come as `Int8`: binary COPY does not cast.
    """
    quote = connection.ops.quote_name
    listed = ", ".join(quote(str(_field(model, name).column)) for name in names)
    statement = f"COPY {quote(model._meta.db_table)} ({listed}) FROM STDIN (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as out:
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


def select(statement: str, keys: Collection[bytes]) -> list[tuple[Any, ...]]:
    """Run a statement that names KEYS, the keyed hashes given, as a query of one column.

    They travel as one value: an array of thousands would be written out element by element.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("KEYS", KEYS), [b"".join(keys), len(keys)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def big(number: int) -> Int8:
    return Int8(number)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 (names are literals of this room)
    return field


def _type(field: models.Field[Any, Any]) -> str:
    if isinstance(field, SealedField | LookupHashField):
        return "bytea"
    return (field.rel_db_type(connection) or "").split("(")[0]
