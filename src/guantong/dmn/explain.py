"""The sentence why: value, rule, the cells that matched, the row's own annotation.

It is what a county asks first ("why are we orange?") and what stays in the trail. ``labels``
brings the words of the application by element id (or by the text itself), so that the same
outcome reads in Chinese and in English.
"""

from collections.abc import Mapping

from guantong.base import words
from guantong.dmn.outcome import Hit, Match, Outcome
from guantong.feel.api import Value, text_of

_NO_LABELS: Mapping[str, str] = {}


def explain(outcome: Outcome, language: str, labels: Mapping[str, str] = _NO_LABELS) -> str:
    """Return in ``zh-CN`` or ``en`` why the decision came out as it did."""
    name = labels.get(outcome.decision_id) or labels.get(outcome.name, outcome.name)
    parts = [_value_sentence(outcome, name, language, labels)]
    if outcome.by_table and not outcome.hits:
        parts.append(words.say("dmn.explain.no-rule", language))
    parts += [_hit_sentence(hit, language, labels) for hit in outcome.hits]
    return words.say("dmn.explain.gap", language).join(parts)


def _value_sentence(outcome: Outcome, name: str, language: str, labels: Mapping[str, str]) -> str:
    if outcome.fault is not None:
        rules = ", ".join(str(hit.index) for hit in outcome.hits)
        return words.say(f"dmn.explain.{outcome.fault.code}", language, decision=name, rules=rules)
    value = _shown(outcome.value, language, labels)
    return words.say("dmn.explain.value", language, decision=name, value=value)


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
    return text_of(value)
