"""Hit policies: what the rules that hit are worth together (DMN 1.5, section 8.2.10 and 8.2.11).

Where the policy forbids what happened (two hits of UNIQUE, two answers of ANY) the value is null
and the fault is named, since taking either rule would hide the contradiction from the department
that owns the table.
"""

from collections.abc import Sequence
from decimal import Decimal

from guantong.feel.api import Value, calculate, compare, equal

HIT_POLICIES = (
    "UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT",
)  # fmt: skip
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
# Policies whose order is that of the declared output values.
BY_VALUES = frozenset({"PRIORITY", "OUTPUT ORDER"})
# Policies under which it is right that several rules hit.
SEVERAL = frozenset(HIT_POLICIES) - {"UNIQUE", "FIRST"}

NOT_UNIQUE = "not-unique"
NOT_SAME = "not-same"
NOT_SUMMABLE = "not-summable"

Rank = tuple[int, ...]


def settle(
    policy: str, aggregation: str, answers: Sequence[Value], ranks: Sequence[Rank]
) -> tuple[Value, str]:
    """Return the value of these answers, given in the order of the rules, and the fault if any."""
    match policy:
        case "UNIQUE":
            return (answers[0], "") if len(answers) == 1 else (None, NOT_UNIQUE)
        case "ANY":
            same = all(equal(answers[0], other) is True for other in answers[1:])
            return (answers[0], "") if same else (None, NOT_SAME)
        case "FIRST":
            return answers[0], ""
        case "PRIORITY":
            return answers[min(range(len(answers)), key=lambda place: ranks[place])], ""
        case "RULE ORDER":
            return list(answers), ""
        case "OUTPUT ORDER":
            places = sorted(range(len(answers)), key=lambda place: ranks[place])
            return [answers[place] for place in places], ""
    return _collected(aggregation, answers)


def _collected(aggregation: str, answers: Sequence[Value]) -> tuple[Value, str]:
    if aggregation == "":
        return list(answers), ""
    if aggregation == "COUNT":
        return Decimal(len(answers)), ""
    total = answers[0]
    # One answer alone must be of a kind that could be added or compared, too.
    if _step(aggregation, total, total) is None:
        return None, NOT_SUMMABLE
    for answer in answers[1:]:
        total = _step(aggregation, total, answer)
        if total is None:
            return None, NOT_SUMMABLE
    return total, ""


def _step(aggregation: str, total: Value, answer: Value) -> Value:
    if aggregation == "SUM":
        # Texts can be joined by +, but a sum of texts is none.
        return None if isinstance(total, str) else calculate("+", total, answer)
    takes = compare("<" if aggregation == "MIN" else ">", answer, total)
    return None if takes is None else answer if takes else total
