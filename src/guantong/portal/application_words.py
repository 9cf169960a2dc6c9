"""What the pages of applications share: the package, its title, places and people by name."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

from guantong.access.api import Thing
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.packages import api as packages
from guantong.packages.api import Package
from guantong.portal.views_people import place_name

UNDER = ("apps.heading", "/apps")
# The set of applications belongs to the installation, not to an area.
APPLICATIONS = Thing(kind="package")


def find_package(id: str, language: str) -> Package:
    """Return an installed package, or refuse: there is none of that name."""
    found = packages.installed(id)
    if found is None:
        raise NotFound(what=say("apps.one", language))
    return found


def package_title(package: Package, language: str) -> str:
    """Return what an application is called."""
    app = package.one("app")
    assert app is not None, "an installed package has a manifest"
    title: Mapping[str, str] = app.data["title"]
    return title["zh" if language == "zh-CN" else "en"]


class Names:
    """What places and people are called: two queries for all of them."""

    def __init__(self, said: Iterable[str], places: Iterable[str] = ()) -> None:
        self.places = orgs.places(set(places))
        self.people = orgs.names_of_people(_people(said))

    def place(self, code: str, language: str) -> str:
        """Return the name of a division; its code where nobody knows it."""
        found = self.places.get(code)
        return code if found is None else place_name(found, language)

    def who(self, by: str) -> str:
        """Return the name of a person; a command and a part of the system as the log names it."""
        for id in _people([by]):
            return self.people.get(id, ("", by))[1]
        return by


def _people(said: Iterable[str]) -> list[UUID]:
    """Return the persons among those the log names."""
    found = []
    for text in said:
        with suppress(ValueError):
            found.append(UUID(text.removeprefix("person:")))
    return found
