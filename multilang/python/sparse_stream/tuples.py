"""Tuples as components see them, and the declaration of a stream."""

from __future__ import annotations

import keyword
from collections import namedtuple
from typing import Any, ClassVar, Dict, List, NamedTuple, Optional, Sequence, Tuple as TupleOf, Type


class Values(tuple):  # type: ignore[type-arg]
    """The values of a tuple, by index, by `values["any-field"]`, and by `values.field` where the name allows it."""

    _fields: ClassVar[TupleOf[str, ...]] = ()
    _index: ClassVar[Dict[str, int]] = {}

    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is not str:
            return tuple.__getitem__(self, key)
        index = self._index.get(key)
        if index is None:
            raise KeyError("no field %r; this stream has %s" % (key, list(self._fields)))
        return tuple.__getitem__(self, index)

    def get(self, field: str, default: Any = None) -> Any:
        """The value of a field, or `default` if the stream has no such field."""
        index = self._index.get(field)
        return default if index is None or index >= len(self) else tuple.__getitem__(self, index)

    def _asdict(self) -> Dict[str, Any]:
        return dict(zip(self._fields, self))

    def __getattr__(self, name: str) -> Any:
        # Reached only for names that are no attribute: say what there is.
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError("no field %r; this stream has %s" % (name, list(self._fields)))


def values_class(fields: Sequence[str]) -> Type[Values]:
    """The class of the values of one stream. Field names that Python cannot spell are reached by `values["name"]` alone."""
    index = {field: position for position, field in enumerate(fields)}
    body: Dict[str, Any] = {"_fields": tuple(fields), "_index": index, "__slots__": ()}
    # A named tuple reads its fields without a line of Python. It has a name here: of a class that nobody has, the garbage
    # collector empties the dictionary.
    names = ["field_%d" % position for position in range(len(fields))]
    reader = namedtuple("reader", names)  # type: ignore[misc]
    for field, position in index.items():
        if field.isidentifier() and not keyword.iskeyword(field) and not hasattr(Values, field):
            body[field] = reader.__dict__[names[position]]
    return type("Values", (Values,), body)


class Tuple(NamedTuple):
    """A tuple as it arrives. Immutable; compare by `id`."""

    id: Any
    component: Optional[str]
    stream: str
    task: int
    values: Any


class Stream:
    """Declares a stream in `outputs`: `outputs = ["word", Stream(fields=["line"], name="errors")]`."""

    def __init__(self, fields: Optional[Sequence[str]] = None, name: str = "default", direct: bool = False) -> None:
        if isinstance(fields, str) or not all(isinstance(field, str) for field in fields or ()):
            raise TypeError("the fields of a stream are a list of names, not %r" % (fields,))
        if not isinstance(name, str):
            raise TypeError("the name of a stream is text, not %r" % (name,))
        if not isinstance(direct, bool):
            raise TypeError("direct is True or False, not %r" % (direct,))
        self.fields: List[str] = list(fields or ())
        self.name = name
        self.direct = direct

    def __repr__(self) -> str:
        return "Stream(fields=%r, name=%r, direct=%r)" % (self.fields, self.name, self.direct)
