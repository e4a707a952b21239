"""Short ways to write DynamoDB's typed values."""


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def item(**attributes):
    """Strings, integers, booleans, None, bytes, lists and dicts become typed values."""
    return {name: value(v) for name, v in attributes.items()}


def value(v):
    if isinstance(v, dict) and len(v) == 1 and next(iter(v)) in ("S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL"):
        return v
    if isinstance(v, bool):
        return {"BOOL": v}
    if v is None:
        return {"NULL": True}
    if isinstance(v, str):
        return {"S": v}
    if isinstance(v, (int, float)):
        return {"N": str(v)}
    if isinstance(v, bytes):
        return {"B": v}
    if isinstance(v, list):
        return {"L": [value(x) for x in v]}
    if isinstance(v, dict):
        return {"M": {name: value(x) for name, x in v.items()}}
    raise TypeError(type(v))


def nested(levels):
    """A value of so many levels: lists in lists."""
    v = {"L": []}
    for _ in range(levels - 1):
        v = {"L": [v]}
    return v
