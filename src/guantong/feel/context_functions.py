"""Built-in functions of contexts (DMN 1.5, section 10.3.4.7)."""

from guantong.feel.built_in import Table
from guantong.feel.value import Value
from guantong.feel.work import spend

table = Table()


@table.add("get value", ("m", dict), ("key", str))
def get_value(context: dict[str, Value], key: str) -> Value:
    """Return the entry of this key; null where there is none."""
    return context.get(key)


@table.add("get value", ("context", dict), ("keys", list))
def get_value_at(context: dict[str, Value], keys: list[Value]) -> Value:
    """Return the entry at the end of a way of keys."""
    found: Value = context if keys else None
    for key in keys:
        found = found.get(key) if type(found) is dict and type(key) is str else None
    return found


@table.add("get entries", ("m", dict))
def get_entries(context: dict[str, Value]) -> Value:
    """Return the entries as a list of contexts with ``key`` and ``value``."""
    spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@table.add("context", ("entries", list))
def make_context(entries: list[Value]) -> Value:
    """Return a context of such a list; null for a key that is no text or comes twice."""
    made: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or "value" not in entry or type(entry.get("key")) is not str:
            return None
        if entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


@table.add("context put", ("context", dict), ("key", str), ("value", None))
def put(context: dict[str, Value], key: str, value: Value) -> Value:
    """Return a copy with this entry new or replaced."""
    spend(len(context))
    return {**context, key: value}


@table.add("context put", ("context", dict), ("keys", list), ("value", None))
def put_at(context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    """Return a copy with the entry at the end of a way of keys; the way must exist."""
    if not keys or any(type(key) is not str for key in keys):
        return None
    inner = value
    if len(keys) > 1:
        below = context.get(keys[0])
        inner = put_at(below, keys[1:], value) if type(below) is dict else None
        if inner is None:
            return None
    return put(context, keys[0], inner)


@table.add("context merge", ("contexts", list))
def merge(contexts: list[Value]) -> Value:
    """Return one context of several; of equal keys the last one counts."""
    made: dict[str, Value] = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        spend(len(context))
        made |= context
    return made
