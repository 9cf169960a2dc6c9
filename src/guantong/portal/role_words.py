"""A role as people read it: ``meteorology@province`` is the weather line at the province."""

from guantong.base.words import say
from guantong.orgs.api import AREA, lines


def role_words(role: str, language: str) -> str:
    """Return the line and the tier of a role; what is no line is shown as it is."""
    line_id, _, tier = role.partition("@")
    if line_id == AREA:
        area = say("vmodel.area", language)
        return f"{area} · {say(f'orgs.tier.{tier}', language)}" if tier else area
    line = lines().get(line_id)
    name = line_id if line is None else (line.zh if language == "zh-CN" else line.en)
    return f"{name} · {say(f'orgs.tier.{tier}', language)}" if tier else name
