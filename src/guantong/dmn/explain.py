"""The sentence why: value, rule, the cells that matched, the row's own annotation.

It is what a county asks first ("why are we orange?") and what stays in the trail. ``labels``
brings the words of the application by element id (or by the text itself), so that the same
outcome reads in Chinese and in English.
"""

from collections.abc import Mapping

from guantong.base import words
from guantong.dmn.outcome import Fault, Hit, Match, Outcome
from guantong.feel.api import Function, Value, text_of

_NO_LABELS: Mapping[str, str] = {}
# Kinds of boxed expressions whose value does not say how it came about.
_TOLD = frozenset(
    {"context", "invocation", "relation", "list", "conditional", "filter"}
    | {"for", "some", "every", "service"}
)
_VALUES = frozenset({"value", "given"})
_MOST_DEPTH = 3  # of parts within parts; ours, more is nobody's sentence
_MOST_ITEMS = 20


def explain(
    outcome: Outcome, language: str, labels: Mapping[str, str] = _NO_LABELS, *, whole: bool = False
) -> str:
    """Return in ``zh-CN`` or ``en`` why the decision came out as it did.

    ``whole`` tells the decisions it required first, each with its own reasons.
    """
    told = [_one(each, language, labels) for each in outcome.before] if whole else []
    told.append(_one(outcome, language, labels))
    return words.say("dmn.explain.gap", language).join(told)


def _one(outcome: Outcome, language: str, labels: Mapping[str, str], depth: int = 0) -> str:
    name = labels.get(outcome.decision_id) or labels.get(outcome.name, outcome.name)
    parts = [_value_sentence(outcome, name, language, labels)]
    parts += [_fault_sentence(fault, name, language, labels) for fault in outcome.input_faults]
    if outcome.by_table and not outcome.hits and outcome.fault is None:
        parts.append(words.say("dmn.explain.no-rule", language))
    parts += [_hit_sentence(hit, language, labels) for hit in outcome.hits]
    if len(outcome.hits) > 1 and outcome.fault is None:
        policy = str(outcome.facts["aggregation"] or outcome.facts["policy"])
        parts.append(words.say(f"dmn.explain.several.{policy}", language))
    if outcome.inputs and not outcome.by_table:
        used = _shown(dict(outcome.inputs), language, labels)
        parts.append(words.say("dmn.explain.from", language, inputs=used))
    if (how := _how(outcome, language, labels)) is not None:
        parts.append(how)
    if depth < _MOST_DEPTH:
        # A value that was only written down is in the value already; a reason is worth telling.
        told = (part for part in outcome.parts if part.kind != "expression" or part.fault)
        parts += [_one(part, language, labels, depth + 1) for part in told]
    return words.say("dmn.explain.gap", language).join(parts)


def _value_sentence(outcome: Outcome, name: str, language: str, labels: Mapping[str, str]) -> str:
    if outcome.fault is not None:
        rules = ", ".join(str(hit.index) for hit in outcome.hits)
        return _fault_sentence(outcome.fault, name, language, labels, rules)
    value = _shown(outcome.value, language, labels)
    return words.say("dmn.explain.value", language, decision=name, value=value)


def _fault_sentence(
    fault: Fault, name: str, language: str, labels: Mapping[str, str], rules: str = ""
) -> str:
    facts = {key: _fact(key, value, language, labels) for key, value in fault.facts.items()}
    rules = rules or ", ".join(fault.rules)
    return words.say(
        f"dmn.explain.{fault.code}", language, **{"decision": name, "rules": rules, **facts}
    )


def _how(outcome: Outcome, language: str, labels: Mapping[str, str]) -> str | None:
    """Return how a boxed expression came to its value; nothing where the value says it all."""
    if outcome.fault is not None or outcome.kind not in _TOLD:
        return None
    facts = {key: _fact(key, value, language, labels) for key, value in outcome.facts.items()}
    key = f"dmn.explain.{outcome.kind}"
    if outcome.kind == "context":
        if not outcome.facts.get("result"):
            return None
        entries = {part.name: part.value for part in outcome.parts[:-1]}
        facts["entries"] = _shown(entries, language, labels)
    if outcome.kind == "conditional":
        key += f"-{outcome.facts['took']}"
        facts["value"] = _shown(outcome.parts[0].value, language, labels)
    if outcome.kind == "service":
        names = (labels.get(part.name, part.name) for part in outcome.parts)
        facts["outputs"] = words.say("dmn.explain.and", language).join(names)
    return words.say(key, language, **facts)


def _fact(key: str, value: object, language: str, labels: Mapping[str, str]) -> object:
    if key in _VALUES:
        return _shown(value, language, labels)
    return labels.get(value, value) if isinstance(value, str) else value


def _hit_sentence(hit: Hit, language: str, labels: Mapping[str, str]) -> str:
    if hit.cells:
        cells = words.say("dmn.explain.and", language).join(
            _cell_phrase(cell, language, labels) for cell in hit.cells
        )
        sentence = words.say("dmn.explain.rule", language, index=hit.index, cells=cells)
    else:
        sentence = words.say("dmn.explain.otherwise", language, index=hit.index)
    note = labels.get(hit.rule_id, hit.annotation).rstrip("。. ")
    if note:
        gap = words.say("dmn.explain.gap", language)
        sentence += gap + words.say("dmn.explain.annotation", language, annotation=note)
    return sentence


def _cell_phrase(cell: Match, language: str, labels: Mapping[str, str]) -> str:
    label = labels.get(cell.input_id) or labels.get(cell.label, cell.label)
    value = _shown(cell.value, language, labels)
    return words.say("dmn.explain.cell", language, label=label, value=value, test=cell.text)


def _shown(value: Value, language: str, labels: Mapping[str, str]) -> str:
    if value is None:
        return words.say("dmn.explain.nothing", language)
    if isinstance(value, Mapping):
        pairs = (f"{labels.get(k, k)} = {_shown(v, language, labels)}" for k, v in value.items())
        return words.say("dmn.explain.and", language).join(pairs)
    if isinstance(value, str):
        return labels.get(value, value)
    if isinstance(value, list):
        shown = [_shown(item, language, labels) for item in value[:_MOST_ITEMS]]
        more = ["…"] if len(value) > _MOST_ITEMS else []
        return f"[{', '.join(shown + more)}]"
    if isinstance(value, Function):
        told = ", ".join(value.parameters)
        return words.say("dmn.explain.a-function", language, parameters=told)
    return text_of(value)
