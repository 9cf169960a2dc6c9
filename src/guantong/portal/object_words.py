"""Objects of packages in the reader's language: their columns, values and references.

What a package does not name is shown under the name of its contract: nothing is hidden for want
of a word.
"""

from collections.abc import Iterable, Mapping

from guantong.access import api as access
from guantong.access.api import Rows
from guantong.base.realm import Realm
from guantong.base.words import say
from guantong.packages.api import Package, installed
from guantong.registry.api import ObjectType, ObjectView, object_type, objects

# Where a thing is goes on the map and into the place, not into the list of its facts.
_PLACE = ("division_code", "lon", "lat")


def stem_of(type_id: str) -> str:
    """Return the name of a type within its package."""
    return type_id.partition(".")[2]


def shown_columns(known: ObjectType) -> list[str]:
    """Return the columns that say something beside key and place, in the contract's order."""
    return [name for name in known.columns if name not in (known.key, *_PLACE)]


def classes_of(type_id: str) -> frozenset[str]:
    """Return the classes of personal fields that objects of a type hold."""
    columns = object_type(type_id).columns.values()
    return access.PERSONAL & {column.classification for column in columns}


def column_word(type_id: str, name: str, language: str) -> str:
    """Return what a column is called."""
    package = installed(object_type(type_id).package)
    words: Mapping[str, str] = package.words(language) if package is not None else {}
    return words.get(f"column.{stem_of(type_id)}.{name}", name.replace("_", " "))


def value_text(type_id: str, name: str, value: object, language: str) -> str:
    """Return a value as people read it: yes or no, a choice in its words, anything else as it is.

    A column ``risk_kind`` calls its values ``risk.<value>``.
    """
    if isinstance(value, bool):
        return say("value.true" if value else "value.false", language)
    if value is None:
        return "–"
    package = installed(object_type(type_id).package)
    words: Mapping[str, str] = package.words(language) if package is not None else {}
    own = words.get(f"{name.removesuffix('_kind')}.{value}")
    return own or words.get(f"value.{value}", str(value))


def title_of(view: ObjectView, language: str) -> str:
    """Return what an object is called: its type in words, and its public number."""
    known = object_type(view.type)
    package = installed(known.package)
    title = package.say(known.title, language) if package is not None else known.title
    return f"{title} {view.key}"


def invented_note(type_id: str, language: str) -> str | None:
    """Return the note that objects of this type are invented; None where they are not."""
    known = object_type(type_id)
    package = installed(known.package)
    if not known.invented or package is None:
        return None
    key = f"object.{stem_of(type_id)}.invented"
    return package.words(language).get(key, say("evacuation.invented", language))


def references(
    package: Package, realm: Realm, views: Iterable[ObjectView], *, under: str
) -> Mapping[tuple[str, str], str]:
    """Return the names of things that objects point to, by column and key.

    A contract says ``relationships: [{to: shelter.shelter_no}]``; the name is the column ``name``
    of the other type. One query for each such column. Where a shelter stands is no secret of the
    household, so its name is not cut by area.
    """
    seen = list(views)
    found: dict[tuple[str, str], str] = {}
    if not seen:
        return found
    for column, other in _relations(package, stem_of(seen[0].type)):
        wanted = {str(view.body.get(column)) for view in seen}
        for thing in objects(realm, other, rows=Rows(everything=True), under=under):
            if thing.key in wanted:
                found[column, thing.key] = str(thing.body.get("name", thing.key))
    return found


def _relations(package: Package, stem: str) -> Iterable[tuple[str, str]]:
    for document in package.each("objects"):
        if document.stem != stem:
            continue
        for column in document.data["schema"][0]["properties"]:
            for relation in column.get("relationships", ()):
                target = relation["to"].partition(".")[0]
                yield column["name"], f"{package.id}.{target}"
