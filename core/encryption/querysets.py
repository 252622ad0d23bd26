"""bulk_update for rows with sealed columns."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import models
from django.db.models import BinaryField, QuerySet, Value

from core.encryption.fields import LookupHashField, SealedField, sealed_for

_M = TypeVar("_M", bound=models.Model)


class SealedQuerySet(QuerySet[_M, _M]):
    """bulk_update seals, and takes the lookup hashes along: `objects = SealedQuerySet.as_manager()`."""

    def bulk_update(self, objs: Iterable[_M], fields: Iterable[str], batch_size: int | None = None) -> int:
        rows, names = list(objs), list(fields)
        hashes = [
            field
            for field in self.model._meta.local_concrete_fields
            if isinstance(field, LookupHashField) and field.source in names and field.name not in names
        ]
        sealed = [name for name in names if isinstance(self.model._meta.get_field(name), SealedField)]
        for field in hashes:
            for row in rows:
                field.pre_save(row, add=False)
        with _as_expressions(rows, sealed):
            return super().bulk_update(rows, [*names, *(field.name for field in hashes)], batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]


@contextmanager
def _as_expressions(rows: Sequence[models.Model], names: Sequence[str]) -> Iterator[None]:
    """Put the sealed form of each named value onto the instances as an SQL value, and the plain one back afterwards."""
    plain: list[tuple[models.Model, str, Any]] = [(row, name, getattr(row, name)) for row in rows for name in names]
    try:
        for row, name, _ in plain:
            setattr(row, name, Value(sealed_for(row, name), output_field=BinaryField()))
        yield
    finally:
        for row, name, value in plain:
            setattr(row, name, value)
