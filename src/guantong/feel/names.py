"""Which names an expression reads from its context.

The doctor compares them with what is declared, so that a misspelt name is found before a rule
quietly answers null.
"""

from guantong.feel.functions import BUILT_INS
from guantong.feel.syntax import (
    Call,
    Entries,
    Filter,
    For,
    Lambda,
    Name,
    Node,
    Quantified,
    children,
)


def free_names(node: Node) -> frozenset[str]:
    """Return the names read and not made by the expression itself; ``?`` is not one of them."""
    found: set[str] = set()
    waiting: list[tuple[Node, frozenset[str]]] = [(node, frozenset({"?"}))]
    while waiting:
        current, made = waiting.pop()
        match current:
            case Name(name):
                found |= {name} - made
            case Filter(base, condition):
                # Within a filter an entry of the item may hide a name; it cannot be known here.
                waiting += [(base, made), (condition, made | {"item"})]
                continue
            case For(iterations, result) | Quantified(_, iterations, result):
                for way in iterations:
                    waiting += [(part, made) for part in children(way)]
                    made |= {way.name}
                partial = {"partial"} if isinstance(current, For) else set()
                waiting.append((result, made | partial))
                continue
            case Lambda(parameters, body):
                waiting.append((body, made | {parameter.name for parameter in parameters}))
                continue
            case Entries(entries):
                for entry in entries:
                    waiting.append((entry.value, made))
                    made |= {entry.key}
                continue
            case Call(function, _, from_context=True) if function not in BUILT_INS:
                found |= {function} - made
        waiting.extend((child, made) for child in children(current))
    return frozenset(found)
