"""Model fields for personal data. The row's id takes part in the seal, so it must be known before the insert."""

import json
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.core import checks
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute

from core.encryption.ring import lookup_hash, seal, unseal

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)

if TYPE_CHECKING:

    class _Field(models.Field[_ST, _GT]): ...
else:

    class _Field(models.Field):
        def __class_getitem__(cls, _parameters: object) -> type:
            return cls


class Sealed(bytes):
    """A sealed value as it lies in the column. Its picture never shows it."""

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class SealedAttribute(DeferredAttribute):
    """Opens a sealed value when it is first read, and keeps it on the instance."""

    field: "SealedField[Any, Any]"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        value = instance.__dict__[name] if name in instance.__dict__ else super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[name] = self.field.open(value, instance.pk)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(_Field[_ST, _GT]):
    """A bytea column whose plain value exists only on model instances.

    Create, save, bulk_create and (with SealedQuerySet) bulk_update seal by themselves. `values()` gives `Sealed` bytes,
    for `open()`. To write without save: `.filter(pk=…).update(x=sealed_for(instance, "x"))`.
    Never `bulk_create(update_conflicts=True)` on another key than the primary one: the seal names the row it is for.
    """

    descriptor_class = SealedAttribute

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError

    @property
    def place(self) -> str:
        """The column's name."""
        return str(self.column)

    def open(self, sealed: bytes, row: Any) -> Any:
        """Return the plain value of a sealed one from the row with this primary key. Raises KeyMissing, Tampered."""
        return self.from_bytes(unseal(sealed, table=self.model._meta.db_table, column=self.place, row=str(row)))

    def close(self, value: Any, row: Any) -> Sealed | None:
        """Return the sealed form of a plain value for the row with this primary key; None stays None."""
        if value is None:
            return None
        return Sealed(seal(self.to_bytes(value), table=self.model._meta.db_table, column=self.place, row=str(row)))

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: bytes | None, _expression: Any, _connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Sealed) and not add:
            return value  # never read, so unchanged
        value = getattr(model_instance, self.attname)
        if hasattr(value, "resolve_expression"):
            raise self._refusal("cannot be computed by the database")
        return self.close(value, model_instance.pk)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed):
            return value
        raise self._refusal(
            "is sealed for one row; save the instance, use bulk_update of a SealedQuerySet, "
            "or pass sealed_for(instance, field) to update()"
        )

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return IsNull
        raise self._refusal(f"cannot be searched ({lookup_name}); filter on a LookupHashField with lookup_candidates()")

    def get_transform(self, lookup_name: str) -> Any:
        raise self._refusal(f"cannot be searched ({lookup_name}); filter on a LookupHashField with lookup_candidates()")

    def _refusal(self, reason: str) -> FieldError:
        return FieldError(f"{self.model._meta.label}.{self.name} {reason}")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_key_known_before_insert(), *self._check_options()]

    def _check_key_known_before_insert(self) -> list[checks.CheckMessage]:
        key = self.model._meta.pk
        if key.db_returning or not (key.has_default() or key.remote_field):
            hint = "id = models.UUIDField(primary_key=True, default=uuid7, editable=False)"
            text = "A sealed column needs a primary key that is known before the insert."
            return [checks.Error(text, hint=hint, obj=self, id="core.E011")]
        return []

    def _check_options(self) -> list[checks.CheckMessage]:
        if self.unique or getattr(self, "db_index", False) or self.primary_key:
            text = "A sealed column is different each time: no index, no uniqueness. Use a LookupHashField."
            return [checks.Error(text, obj=self, id="core.E012")]
        return []


class EncryptedTextField(SealedField[_ST, _GT]):
    """Text, sealed. The empty string is sealed as well; only NULL is not."""

    if TYPE_CHECKING:
        _pyi_private_set_type: str | Combinable
        _pyi_private_get_type: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def to_bytes(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise self._refusal(f"takes text, not {type(value).__name__}")
        return value.encode()

    def from_bytes(self, plain: bytes) -> str:
        return plain.decode()

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str | Sealed) else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.setdefault("form_class", forms.CharField)
        return super().formfield(**{"max_length": self.max_length, **kwargs})


class EncryptedJSONField(SealedField[_ST, _GT]):
    """A JSON value, sealed. A change inside the object that was read is saved like any other."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    empty_strings_allowed = False

    def to_bytes(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, plain: bytes) -> Any:
        return json.loads(plain)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})


class LookupHashField(_Field[_ST, _GT]):
    """The keyed hash of another field of the same row, filled in at each save.

    `kvnr_hash = LookupHashField(purpose="kvnr", source="kvnr")`; an empty or missing source gives NULL.
    Find rows with `filter(kvnr_hash__in=lookup_candidates("kvnr", value))`.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: bytes | Combinable | None
        _pyi_private_get_type: Any

    empty_strings_allowed = False

    def __init__(self, *args: Any, purpose: str, source: str, **kwargs: Any) -> None:
        kwargs["editable"] = False
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
        self.purpose, self.source = purpose, source

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs.pop("blank", None)
        return name, path, args, {**kwargs, "purpose": self.purpose, "source": self.source}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            models.signals.pre_save.connect(self._keep_in_step, sender=cls, weak=False)

    def _keep_in_step(self, update_fields: frozenset[str] | None, **_: Any) -> None:
        if update_fields is not None and self.source in update_fields and self.name not in update_fields:
            raise FieldError(f"{self.model._meta.label}: save {self.name} together with {self.source} in update_fields")

    def hash_of(self, value: str | None) -> bytes | None:
        """Return the hash of a source value under the current key; None for nothing."""
        return lookup_hash(self.purpose, value) if value else None

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, bytes):
            return value
        raise FieldError(f"{self.model._meta.label}.{self.name}: compare with lookup_candidates() or lookup_hash()")

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = self.hash_of(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, value)
        return value


def sealed_for(instance: models.Model, field_name: str) -> Sealed | None:
    """Return the current value of an instance's sealed field as `update()` takes it for this one row."""
    field = instance._meta.get_field(field_name)
    if not isinstance(field, SealedField):
        raise FieldError(f"{instance._meta.label}.{field_name} is no sealed field")
    return field.close(getattr(instance, field.attname), instance.pk)
