"""Explanations of access in words: rules in their order, posts one by one, who else may."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from guantong.access import api as access
from guantong.access.api import Decision, Entitled, Explanation, PostHeld
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.packages.api import installed
from guantong.portal.reader import Reader
from guantong.portal.wording import Places, place_name, places_of

Item = dict[str, object]

# Kinds of which one can ask without naming one of them, in the order in which people meet them.
KINDS_ASKED = (
    "case", "task", "object", "alert", "figure", "export", "stream", "file", "dataset", "package",
    "unit", "account", "notice", "audit", "settings", "fact",
)  # fmt: skip
POSTS = ("duty", "second_duty", "head", "deputy_head", "administrator", "staff")
ACTS_ASKED = (
    "read", "handle", "verify", "approve", "remind", "supervise", "withdraw", "report", "land",
    "send", "administer",
)  # fmt: skip


def kind_options(language: str) -> list[dict[str, str]]:
    """Return the kinds of thing to choose from."""
    return [{"value": k, "label": say(f"access.kind.{k}", language)} for k in KINDS_ASKED]


def act_options(language: str) -> list[dict[str, str]]:
    """Return the acts to choose from."""
    return [{"value": a, "label": say(f"access.act.{a}", language)} for a in ACTS_ASKED]


def line_options(language: str) -> list[dict[str, str]]:
    """Return the lines to choose from, the area unit first."""
    area = {"value": orgs.AREA, "label": say("rights.area_unit", language)}
    lines = orgs.lines().values()
    return [area, *({"value": x.id, "label": x.zh if language == "zh-CN" else x.en} for x in lines)]


def post_options(language: str) -> list[dict[str, str]]:
    """Return the posts of a unit to choose from."""
    return [{"value": code, "label": say(f"orgs.post.{code}", language)} for code in POSTS]


def explained(found: Explanation, answer: Decision, reader: Reader) -> Item:
    """Return an explanation for the page; ``answer`` is the decision with its names filled in."""
    language = reader.language
    thing = answer.thing
    codes = [post.post.division_code for post in found.posts]
    known = places_of([*codes, *([thing.division_code] if thing.division_code else [])])
    units = orgs.units_by_id([*(post.post.unit_id for post in found.posts), *thing.unit_ids])
    ask = answer.facts.get("ask")
    return {
        "allowed": answer.allowed,
        "light": "green" if answer.allowed else "red",
        "word": say("rights.yes" if answer.allowed else "rights.no", language),
        "sentence": answer.sentence(language),
        "ask": ask[language] if isinstance(ask, dict) and not answer.allowed else None,
        "kind": say(f"access.kind.{thing.kind}", language),
        "act": say(f"access.act.{answer.act}", language),
        "place": place_name(thing.division_code, known, language) if thing.division_code else None,
        "holders": [units[id].name(language) for id in thing.unit_ids if id in units],
        "lines": [_line(line, language) for line in thing.lines],
        "purpose": _purpose(answer, language),
        "role": _role(answer, language),
        "by": _post_words(answer.post, units, language) if answer.post is not None else None,
        "fields": _fields(found, language),
        "posts": [_post(alone.post, alone.decision, units, known, language)
                  for alone in found.posts],
        "steps": [
            {
                "number": number, "sentence": say(f"access.rule.{step.rule}", language),
                "outcome": step.outcome, "word": say(f"rights.outcome.{step.outcome}", language),
                "light": {"allowed": "green", "refused": "red"}.get(step.outcome, "grey"),
            }
            for number, step in enumerate(found.steps, start=1)
        ],
    }  # fmt: skip


def _line(line: str, language: str) -> str:
    known = orgs.lines().get(line)
    if known is None:
        return line
    return known.zh if language == "zh-CN" else known.en


def _purpose(answer: Decision, language: str) -> str | None:
    if answer.purpose not in access.PURPOSES:
        return None
    return say(f"access.purpose.{answer.purpose}", language)


def _role(answer: Decision, language: str) -> str | None:
    """Return the role of a package that opened the way, with the package that declares it."""
    package = installed(answer.role.package) if answer.role is not None else None
    return package.say(answer.role.title, language) if package and answer.role else None


def _fields(found: Explanation, language: str) -> list[Item]:
    """Return each class of fields, and whether it would be shown in the clear."""
    if not found.decision.allowed:
        return []
    return [
        {
            "name": say(f"access.class.{name}", language),
            "shown": name in found.clear,
            "word": say("rights.clear" if name in found.clear else "rights.masked", language),
            "light": "green" if name in found.clear else "grey",
        }
        for name in access.CLASSES
    ]


def _post_words(post: PostHeld, units: Mapping[UUID, orgs.UnitRef], language: str) -> str:
    unit = units.get(post.unit_id)
    name = unit.name(language) if unit is not None else post.unit_code
    return f"{name} · {say(f'orgs.post.{post.post_code}', language)}"


def _post(
    post: PostHeld, decision: Decision, units: Mapping[UUID, orgs.UnitRef], known: Places,
    language: str,
) -> Item:  # fmt: skip
    return {
        "post": _post_words(post, units, language),
        "area": place_name(post.division_code, known, language),
        "how": say(f"rights.held.{post.kind}", language),
        "light": "green" if decision.allowed else "grey",
        "word": say("rights.yes" if decision.allowed else "rights.no", language),
        "why": say(f"rights.short.{decision.reason}", language),
    }


def entitled_rows(found: Iterable[Entitled], language: str) -> list[Item]:
    """Return units whose posts may do it, with how many people hold them."""
    return [
        {
            "unit": entry.unit.name(language),
            "posts": say("rights.and", language).join(
                say(f"orgs.post.{code}", language) for code in entry.posts
            ),
            "people": entry.people,
            "personal": say(
                "rights.clear_for_purpose" if access.L3 in entry.clear else "rights.masked",
                language,
            ),
        }
        for entry in found
    ]  # fmt: skip
