"""Switchable faults: a catalogue of what can go wrong, and books in which the switched-on ones stand.

A fault is a name with parameters. Every fault knows `times` (how many uses are left; None: no end) and `probability`
(0 to 1); faults of HTTP calls also know `on` (which calls they hit). A fault of one subject, for example of one case,
wins over the global one of the same name.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import RLock

from simulators.json_types import Json

COMMON: Mapping[str, object] = {"times": None, "probability": 1.0}


class UnknownFault(ValueError):
    """A fault or one of its parameters is not in the catalogue, or has the wrong type."""


@dataclass(frozen=True)
class Fault:
    """One entry of the catalogue. `label` and `group` are German, for the page; `parameters` holds the defaults."""

    name: str
    group: str
    label: str
    parameters: Json = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    global_only: bool = False

    @property
    def defaults(self) -> Json:
        """The own parameters and the common ones."""
        return {**self.parameters, **COMMON}

    def complete(self, given: Json | None) -> Json:
        """Return the parameters with every default filled in; raise UnknownFault when one does not fit."""
        parameters = {} if given is None else given
        if not isinstance(parameters, dict):
            raise UnknownFault(f"{self.name}: parameters must be an object")
        strange = sorted(set(parameters) - set(self.defaults))
        if strange:
            raise UnknownFault(f"{self.name}: unknown parameter {strange[0]}")
        whole = {**self.defaults, **parameters}
        for key, allowed in self.choices.items():
            values = whole[key] if isinstance(whole[key], list) else [whole[key]]
            if not set(values) <= set(allowed):
                raise UnknownFault(f"{self.name}: {key} must be one of {', '.join(allowed)}")
        _check_common(self.name, whole)
        return whole


def _check_common(name: str, whole: Json) -> None:
    """Raise UnknownFault unless `times` is a count or None and every other number is not negative."""
    if whole["times"] is not None and (not isinstance(whole["times"], int) or whole["times"] < 1):
        raise UnknownFault(f"{name}: times must be a positive whole number or null")
    for key in ("probability", "seconds", "count", "megabytes", "window_seconds", "days", "status"):
        if key in whole and (not isinstance(whole[key], int | float) or whole[key] < 0):
            raise UnknownFault(f"{name}: {key} must be a number of at least 0")


def catalogue(*faults: Fault) -> dict[str, Fault]:
    """Give the faults by name."""
    return {fault.name: fault for fault in faults}


def checked(known: Mapping[str, Fault], given: object) -> dict[str, Json]:
    """Return given faults with complete parameters; raise UnknownFault."""
    if not isinstance(given, dict):
        raise UnknownFault("faults must be an object")
    for name in given:
        if name not in known:
            raise UnknownFault(f"unknown fault {name}")
    return {name: known[name].complete(parameters) for name, parameters in given.items()}


class FaultBook:
    """The faults that are switched on, globally and by subject, with their uses counted."""

    def __init__(
        self, known: Mapping[str, Fault], saved: Iterable[tuple[str, Json]], save: Callable[[str, Json], None]
    ):
        """`saved` gives subject and faults ("" is the global subject); `save` is told of every change."""
        self.known = known
        self._save = save
        self._lock = RLock()
        self._faults: dict[str, dict[str, Json]] = dict(saved)
        self._random = random.Random()

    def of(self, subject: str = "") -> dict[str, Json]:
        """Return a copy of the faults of one subject; without subject the global ones."""
        with self._lock:
            return {name: dict(parameters) for name, parameters in self._faults.get(subject, {}).items()}

    def set(self, faults: object, subject: str = "") -> dict[str, Json]:
        """Replace the faults of one subject and return them complete; raise UnknownFault."""
        whole = checked(self.known, faults)
        with self._lock:
            self._write(subject, whole)
        return self.of(subject)

    def clear(self) -> None:
        """Switch off everything, for every subject."""
        with self._lock:
            for subject in list(self._faults):
                self._write(subject, {})

    def peek(self, name: str, subject: str = "") -> Json | None:
        """Return the parameters of a fault that is on, without using it up."""
        if not self._faults:
            return None
        with self._lock:
            for book in (subject, ""):
                parameters = self._faults.get(book, {}).get(name)
                if parameters is not None:
                    return dict(parameters)
        return None

    def take(self, name: str, subject: str = "", *, on: str = "") -> Json | None:
        """Use a fault once: return its parameters, or None when it is off, unlucky or not meant for this call."""
        if not self._faults:
            return None
        with self._lock:
            for book in (subject, ""):
                parameters = self._faults.get(book, {}).get(name)
                if parameters is None or (on and on not in parameters.get("on", [on])):
                    continue
                if self._random.random() >= parameters["probability"]:
                    return None
                self._use(book, name, parameters)
                return dict(parameters)
        return None

    def _use(self, book: str, name: str, parameters: Json) -> None:
        """Count one use; the last one switches the fault off."""
        if parameters["times"] is None:
            return
        left = parameters["times"] - 1
        remaining = {**self._faults[book], name: {**parameters, "times": left}}
        if left == 0:
            del remaining[name]
        self._write(book, remaining)

    def _write(self, subject: str, faults: dict[str, Json]) -> None:
        if faults:
            self._faults[subject] = faults
        else:
            self._faults.pop(subject, None)
        self._save(subject, faults)
