"""The frame around every page: systems and applications, realm, language, person."""

from collections.abc import Mapping
from datetime import date

from django.http import HttpRequest

from guantong.access.api import Thing
from guantong.base.reading import moment_text
from guantong.base.words import LANGUAGES, say
from guantong.notices import api as notices
from guantong.orgs import api as orgs
from guantong.packages.api import Package, all_installed
from guantong.portal.opening_deeds import openable
from guantong.portal.reader import Reader, RealmChoice, language_of, may
from guantong.portal.views_opening import address_of, title_of

# A page of the installation, although its address stands under the reader's own notices.
DELIVERIES = "/notices/deliveries"

LANGUAGE_NAMES = {"zh-CN": "中文", "en": "English"}

Item = dict[str, object]

# The organisation book has pages under several addresses.
_PEOPLE = ("/people", "/units/", "/appointments/", "/delegations/", "/participants/")


def frame(request: HttpRequest) -> Mapping[str, object]:
    """Return what ``base.html`` draws around the page (Django context processor)."""
    reader: Reader | None = getattr(request, "reader", None)
    language = language_of(request) if hasattr(request, "user") else "zh-CN"
    common: dict[str, object] = {
        "base": "base.html",
        "language": language,
        "languages": [
            {"code": code, "name": LANGUAGE_NAMES[code], "current": code == language}
            for code in LANGUAGES
        ],
        "theme": request.COOKIES.get("theme", "") if _known_theme(request) else "",
        "realm": None,
        "realms": [],
        "person": None,
        "groups": [],
        "bar": [],
        "search_href": None,
        "search_text": request.GET.get("q", ""),
        "language_href": "/language",
        "realm_href": "/realm",
        "sign_out_href": "/sign-out",
        "here": request.get_full_path(),
    }
    if reader is not None:
        common |= _of_reader(reader, request.path)
    return {"frame": common, "language": language}


def _known_theme(request: HttpRequest) -> bool:
    return request.COOKIES.get("theme") in ("light", "dark")


def _of_reader(reader: Reader, path: str) -> dict[str, object]:
    language = reader.language
    work = _work(reader, path)
    groups = [{"title": say("frame.work", language), "items": work}]
    may_open = openable(reader)
    for package in all_installed():
        groups.append(
            {
                "title": _title(package, language),
                "items": [
                    *_pages(package, language, path),
                    *(
                        _item("report", title_of(one, language), address_of(one), path)
                        for one in may_open
                        if one.package == package.id
                    ),
                ],
            }
        )
    groups.append({"title": say("frame.data", language), "items": _data(language, path)})
    pages = [item for group in groups[1:-1] for item in _items(group)]
    # The bar of a phone is narrow: one page of leaders there, under its short name.
    cockpit = [item | {"label": say("cockpit.title", language)} for item in pages[:1]]
    installation = _installation(reader, path)
    if installation:
        groups.append({"title": say("operations.group", language), "items": installation})
    return {
        "realm": _realm(reader),
        "realms": _realms(reader),
        "person": _person(reader, reader.on),
        "groups": groups,
        "bar": [*work, *cockpit][:5],
        "search_href": "/search",
        "account_href": "/account",
    }


def _items(group: Mapping[str, object]) -> list[Item]:
    items = group["items"]
    assert isinstance(items, list)
    return items


def _item(icon: str, label: str, href: str, path: str) -> Item:
    current = path == href or path.startswith(f"{href}/")
    return {"icon": icon, "label": label, "href": href, "current": current, "count": None}


def _work(reader: Reader, path: str) -> list[Item]:
    language = reader.language
    unread = notices.unread(reader.realm, sorted(reader.actor.stands_for))
    return [
        _item("inbox", say("inbox.title", language), "/inbox", path),
        _item("notice", say("notices.title", language), "/notices", path)
        | {"count": unread}
        | ({"current": False} if path.startswith(DELIVERIES) else {}),
        _item("list", say("cases.title", language), "/cases", path)
        | ({"current": False} if path.startswith("/cases/new/") else {}),
        _item("search", say("frame.search", language), "/search", path),
    ]


def _pages(package: Package, language: str, path: str) -> list[Item]:
    """Return the pages a package declares, by their kind."""
    known = {"cockpit": ("cockpit", "/cockpit"), "headcount": ("people", "/evacuation")}
    items = []
    for document in package.each("pages"):
        icon, href = known.get(document.data["kind"], ("", ""))
        if document.data["kind"] == "ranking":
            icon, href = "cockpit", f"/rankings/{document.data['index']}"
        if href:
            items.append(_item(icon, package.say(document.data["title"], language), href, path))
    return items


def _data(language: str, path: str) -> list[Item]:
    return [
        _item("data", say("datasets.title", language), "/data", path),
        _item("list", say("apps.heading", language), "/apps", path),
        _item("people", say("people.title", language), "/people", path)
        | {"current": path.startswith(_PEOPLE)},
        _item("people", say("rights.title", language), "/rights", path),
    ]


def _installation(reader: Reader, path: str) -> list[Item]:
    """Return the pages about the installation itself, for whoever may see them."""
    if not may(reader, "read", Thing(kind="fact")).allowed:
        return []
    return [
        _item("list", say("operations.title", reader.language), "/operations", path),
        _item("notice", say("notices.deliveries.title", reader.language), DELIVERIES, path),
    ]


def _title(package: Package, language: str) -> str:
    app = package.one("app")
    assert app is not None, "an installed package has a manifest"
    title: Mapping[str, str] = app.data["title"]
    return title["zh" if language == "zh-CN" else "en"]


def _realm(reader: Reader) -> dict[str, object]:
    choice = reader.choice
    if choice is None:
        return {"title": say("realm.live", reader.language), "exercise": False, "clock_text": ""}
    return {
        "title": exercise_title(choice, reader.language),
        "exercise": True,
        "clock_text": moment_text(choice.now, reader.language),
    }


def exercise_title(choice: RealmChoice, language: str) -> str:
    """Return what an exercise is called, in the words of the package that was rehearsed."""
    package = next((p for p in all_installed() if p.id == choice.package), None)
    if package is not None and (told := package.documents.get(f"scenarios/{choice.title}.yaml")):
        return package.say(told.data["scenario"], language)
    replay = package.one("replay") if package is not None else None
    if package is None or replay is None:
        return choice.title or say("realm.exercise", language)
    return package.say("replay.title", language, track=choice.title)


def _realms(reader: Reader) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {
            "code": choice.realm,
            "title": exercise_title(choice, reader.language),
            "current": choice.realm == reader.realm,
        }
        for choice in reader.realms
    ]
    live = say("realm.live", reader.language)
    return [{"code": "live", "title": live, "current": reader.realm == "live"}, *found]


def _person(reader: Reader, on: date) -> dict[str, object]:
    """Return the person with the first post held; the account's name where there is no post."""
    first = next(iter(reader.actor.posts), None)
    if first is None:
        return {
            "name": reader.actor.name,
            "post": say("frame.no_post", reader.language),
            "area": "",
        }
    names = orgs.unit_names([first.unit_id], on=on)[first.unit_id]
    area = names[0 if reader.language == "zh-CN" else 1]
    post = say(f"orgs.post.{first.post_code}", reader.language)
    return {"name": reader.actor.name, "post": post, "area": area}
