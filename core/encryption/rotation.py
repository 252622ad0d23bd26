"""Bringing every sealed column and lookup hash under the current keys. The rows themselves show what is done."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import BinaryField, Count, F, Func, Q, Value

from core.encryption.fields import LookupHashField, Sealed, SealedField
from core.encryption.ring import FINGERPRINT_BYTES, Ring, encryption_ring, lookup_ring

KeyedField = SealedField[Any, Any] | LookupHashField[Any, Any]


class Usage(NamedTuple):
    """How many rows of a column stand under a key; `key_id` is "unknown …" for one that is not in the ring."""

    table: str
    column: str
    key_id: str
    current: bool
    rows: int


def keyed_models() -> list[type[models.Model]]:
    """Return the models that hold sealed columns or keyed hashes."""
    managed = [model for model in apps.get_models() if model._meta.managed]
    return [model for model in managed if keyed_fields(model) or hashes_made_elsewhere(model)]


def keyed_fields(model: type[models.Model]) -> list[KeyedField]:
    fields = model._meta.local_concrete_fields
    return [field for field in fields if isinstance(field, SealedField | LookupHashField)]


def hashes_made_elsewhere(model: type[models.Model]) -> list["models.Field[Any, Any]"]:
    """Return columns with a `lookup_hash` that no LookupHashField made: known by their comment; not renewed."""
    fields = model._meta.local_concrete_fields
    return [field for field in fields if type(field) is BinaryField and "keyed hash" in (field.db_comment or "")]


def usage(model: type[models.Model]) -> Iterator[Usage]:
    """Count the rows of each keyed column by key."""
    for field in (*keyed_fields(model), *hashes_made_elsewhere(model)):
        ring = _ring(field)
        counted = (
            model._base_manager.order_by().annotate(_key=_key_of(field)).filter(_key__isnull=False)
            .values_list("_key").annotate(rows=Count("*"))
        )  # fmt: skip
        for fingerprint, rows in counted:
            key = ring.by_fingerprint.get(bytes(fingerprint))
            name = key.id if key else f"unknown {bytes(fingerprint).hex()}"
            yield Usage(model._meta.db_table, str(field.column), name, key is ring.current, rows)


def outdated(model: type[models.Model]) -> "models.QuerySet[Any]":
    """Return the rows with anything under a key that is not current."""
    rows, old = model._base_manager.all(), Q()
    for number, field in enumerate(keyed_fields(model)):
        rows = rows.annotate(**{f"_key{number}": _key_of(field)})
        current = _ring(field).current.fingerprint
        old |= Q(**{f"_key{number}__isnull": False}) & ~Q(**{f"_key{number}": current})
    return rows.filter(old)


def rotate(model: type[models.Model], *, batch_size: int = 500, tell: Callable[[int], object] = lambda _: None) -> int:
    """Re-seal and re-hash the outdated rows of a model, one transaction per batch; return how many.

    Readers go on: both keys are in the ring. Raises KeyMissing or Tampered at the first row that does not open; the
    batches before it stay done, and the next run goes on from there.
    """
    done, last = 0, None
    while True:
        with transaction.atomic(), _triggers_asleep(model):
            rows = outdated(model).order_by("pk").select_for_update(of=("self",))
            batch = list((rows if last is None else rows.filter(pk__gt=last))[:batch_size])
            if not batch:
                return done
            _write(model, batch)
        last = batch[-1].pk
        done += len(batch)
        tell(len(batch))


def _write(model: type[models.Model], batch: list[Any]) -> None:
    fields, key = keyed_fields(model), model._meta.pk
    columns = [[_renewed(field, row) for row in batch] for field in fields]
    quote = connection.ops.quote_name
    table, key_column = quote(model._meta.db_table), quote(str(key.column))
    values = ", ".join(["%s::" + (key.rel_db_type(connection) or "") + "[]", *("%s::bytea[]" for _ in fields)])
    names = ", ".join(f"v{number}" for number in range(len(fields)))
    changes = ", ".join(f"{quote(str(field.column))} = v.v{number}" for number, field in enumerate(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM unnest({values}) AS v(k, {names}) WHERE {table}.{key_column} = v.k",  # noqa: S608
            [[row.pk for row in batch], *columns],
        )


def _renewed(field: KeyedField, row: models.Model) -> bytes | None:
    if isinstance(field, LookupHashField):
        return field.hash_of(getattr(row, field.source))
    as_stored = row.__dict__.get(field.attname)
    if isinstance(as_stored, Sealed) and as_stored.startswith(encryption_ring().head):
        return as_stored
    return field.close(getattr(row, field.attname), row.pk)


def _ring(field: "models.Field[Any, Any]") -> Ring:
    return encryption_ring() if isinstance(field, SealedField) else lookup_ring()


def _key_of(field: "models.Field[Any, Any]") -> Func:
    start = 2 if isinstance(field, SealedField) else 1
    parts = (F(field.name), Value(start), Value(FINGERPRINT_BYTES))
    return Func(*parts, function="substring", output_field=BinaryField())


def _triggers_asleep(model: type[models.Model]) -> AbstractContextManager[None]:
    """The plain values stay the same, so guards against changes have nothing to say here."""
    names = [f"{model._meta.label}:{trigger.name}" for trigger in getattr(model._meta, "triggers", ())]
    return pgtrigger.ignore(*names) if names else nullcontext()
