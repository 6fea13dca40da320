"""What a class says of itself, for the validator of topology files."""

from __future__ import annotations

from typing import Any, Dict, List

from .bolt import Bolt
from .foreign import kinds
from .loading import LoadError
from .spout import Spout
from .tuples import Stream


def describe(name: str, target: Any) -> Dict[str, Any]:
    """`kind`, the fields of the default stream as `outputs`, and the other streams. Empty where the class says nothing."""
    outputs, streams = _outputs(name, getattr(target, "outputs", None))
    return {"kind": kind_of(target), "outputs": outputs, "streams": streams}


def kind_of(target: Any) -> str:
    if issubclass(target, Bolt):
        return "bolt"
    if issubclass(target, Spout):
        return "spout"
    return "spout" if "spout" in kinds(target) else "bolt"


def _outputs(name: str, declared: Any) -> Any:
    fields: List[str] = []
    streams: List[Dict[str, Any]] = []
    if declared is None:
        return fields, streams
    if isinstance(declared, str) or not isinstance(declared, (list, tuple)):
        raise LoadError("%s.outputs must be a list of field names and Stream objects, not %r" % (name, declared))
    seen = set()
    for item in declared:
        if isinstance(item, str):
            fields.append(item)
            continue
        stream = _stream(name, item)
        if stream["name"] in seen:
            raise LoadError("%s.outputs declares stream %r twice" % (name, stream["name"]))
        seen.add(stream["name"])
        streams.append(stream)
    if fields and "default" in seen:
        raise LoadError("%s.outputs declares the default stream twice: by field names and by a Stream" % name)
    for stream in streams:
        if stream["name"] == "default" and not stream["direct"]:
            fields = stream["fields"]
            streams = [other for other in streams if other is not stream]
    if len(set(fields)) != len(fields):
        raise LoadError("%s.outputs has a field twice: %r" % (name, fields))
    return fields, streams


def _stream(name: str, item: Any) -> Dict[str, Any]:
    # Streams of streamparse have the same three attributes.
    try:
        stream = Stream(item.fields, item.name, item.direct)
    except (AttributeError, TypeError) as error:
        raise LoadError("%s.outputs has an item that is neither a name nor a Stream: %r (%s)" % (name, item, error)) from None
    if len(set(stream.fields)) != len(stream.fields):
        raise LoadError("%s.outputs has a field twice in stream %r: %r" % (name, stream.name, stream.fields))
    return {"name": stream.name, "fields": stream.fields, "direct": stream.direct}
