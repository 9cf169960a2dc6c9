"""What is asked of a citizen who is registered, at the citizens' end or by the village."""

from collections.abc import Mapping

from guantong.base.words import say
from guantong.orgs import api as orgs


def wrong_fields(given: Mapping[str, str], language: str) -> dict[str, str]:
    """Return what is wrong with name, identity number and mobile, by field."""
    found = {}
    if not given["name"]:
        found["name"] = say("citizen.register.no_name", language)
    if not orgs.is_identity(orgs.plain_identity(given["identity"])):
        found["identity"] = say("citizen.register.wrong_identity", language)
    if not orgs.is_mobile(orgs.plain_mobile(given["mobile"])):
        found["mobile"] = say("citizen.register.wrong_mobile", language)
    return found
