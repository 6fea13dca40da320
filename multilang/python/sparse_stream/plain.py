"""Values in the types that the batched framing has, copied where they could change."""

from __future__ import annotations

import json
from typing import Any, List, Sequence

from .errors import EmitError
from .framing import INTEGER_MAX, INTEGER_MIN

DEPTH_MAX = 120
PLAIN_BYTES = 1000  # text that is shorter does not count by its size


def is_short(text: str) -> bool:
    """Whether text that is not ASCII is UTF-8, and short."""
    try:
        return len(text.encode()) < PLAIN_BYTES
    except UnicodeEncodeError:
        return False


def are_simple(values: Sequence[Any]) -> bool:
    """Whether values can be written as they are, and are small."""
    for value in values:
        kind = value.__class__
        if kind is str:
            if len(value) >= PLAIN_BYTES or not (value.isascii() or is_short(value)):
                return False
        elif kind is int:
            if not INTEGER_MIN <= value <= INTEGER_MAX:
                return False
        elif kind is not float and kind is not bool and value is not None:
            return False
    return True


def plain_values(values: Sequence[Any]) -> List[Any]:
    """A copy of the values that what happens to them later does not change. Raises EmitError if one cannot be carried."""
    plain = list(values)
    for position, value in enumerate(plain):
        try:
            plain[position] = _plain(value, 1)
        except UnicodeEncodeError:
            raise EmitError("text with half a surrogate pair is no UTF-8 and cannot be carried: %.200r" % (values,)) from None
        except OverflowError:
            raise EmitError("value %d does not fit into 64 bits: %.200r" % (position, value)) from None
        except TypeError as error:
            raise EmitError("value %d cannot be carried (%s): %.200r" % (position, error, value)) from None
    return plain


def _plain(value: Any, depth: int) -> Any:
    """The value in types that the framing has, copied where it could change."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        text = str(value) if value.__class__ is str else str.__str__(value)
        text.encode()
        return text
    if isinstance(value, int):
        number = int(value)
        if not INTEGER_MIN <= number <= INTEGER_MAX:
            raise OverflowError()
        return number
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if depth > DEPTH_MAX:
        raise TypeError("it is nested more than %d levels deep" % DEPTH_MAX)
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    raise TypeError("a value of type %s has no form in the protocol" % type(value).__name__)


def _key(key: Any) -> str:
    if key.__class__ is not str:
        if not isinstance(key, (str, int, float)) and key is not None:
            raise TypeError("keys of a map are text, not %s" % type(key).__name__)
        key = str.__str__(key) if isinstance(key, str) else json.dumps(key)
    key.encode()
    return str(key)
