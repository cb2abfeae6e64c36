"""Values of a comparison made of what JSON knows, arrays and all."""

from collections.abc import Mapping
import dataclasses
import math

import numpy as np


def plain(value: object, *, leave_out: tuple[str, ...] = ()) -> object:
    """
    Return dataclasses, mappings, tuples and arrays as JSON values, in their written order.

    Fields named in `leave_out` are left out; NaN and infinite numbers become null.

    """
    if dataclasses.is_dataclass(value):
        return {
            field.name: plain(getattr(value, field.name), leave_out=leave_out)
            for field in dataclasses.fields(value)
            if field.name not in leave_out
        }
    if isinstance(value, Mapping):
        return {str(key): plain(each, leave_out=leave_out) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), leave_out=leave_out)
    if isinstance(value, (list, tuple)):
        return [plain(each, leave_out=leave_out) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
