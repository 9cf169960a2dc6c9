"""The part of a page that shows the files of a record: who added what, and a form to add.

What a file is asked about is the record it belongs to; a file that shows persons (class L3) is open
only to the units that take part in the record. Whoever takes part may add; the unit that added a
file may remove it, and bring it back within a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from guantong.access.api import Thing
from guantong.base.reading import figure_text, moment_text
from guantong.base.words import say
from guantong.files import api as files
from guantong.files.api import FileView, Owner
from guantong.orgs import api as orgs
from guantong.portal.reader import Reader, may

ACCEPT = ",".join(f".{kind.extension}" for kind in files.KINDS) + ",.jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record that holds files: what access is asked about it, and where its files are sent to."""

    owner: Owner
    thing: Thing
    address: str


def file_thing(record: Thing, file: FileView | None = None) -> Thing:
    """Return a file of a record as it is asked about; without a file, the files of the record."""
    id = file.id if file is not None else None
    if file is not None and file.classification == "L3":
        return Thing(kind="file", unit_ids=record.unit_ids, object_id=id)
    return replace(record, kind="file", object_id=id, doers=(), posts=())


def own_file_thing(file: FileView) -> Thing:
    """Return a file as asked about by who would remove it: it is held by the unit that added it."""
    return Thing(kind="file", unit_ids=(file.unit_id or file.id,), object_id=file.id)


def part(reader: Reader, records: Sequence[Record], add_to: Record) -> dict[str, object]:
    """Return the context of ``parts/files.html``."""
    shown = [
        file
        for file in readable(reader, records, removed=True)
        if file.removed_at is None or file.restorable(reader.now)
    ]
    language = reader.language
    people, units = names_of(shown, language)
    adds = may(reader, "handle", file_thing(add_to.thing))
    return {
        "rows": [_row(file, reader, people, units) for file in shown],
        "form": form(add_to, language) if adds.allowed else None,
        "refused": None if adds.allowed else adds.sentence(language),
    }


def readable(reader: Reader, records: Sequence[Record], *, removed: bool = False) -> list[FileView]:
    """Return those files of some records that the reader may see, oldest first."""
    things = {record.owner: record.thing for record in records}
    return [
        file
        for file in files.files_of(reader.realm, things, removed=removed)
        if may(reader, "read", file_thing(things[file.owner], file)).allowed
    ]


def form(record: Record, language: str, *, error: str | None = None) -> dict[str, object]:
    """Return the form that adds files to a record; a phone offers its camera beside its files."""
    return {
        "action": f"{record.address}/files",
        "accept": ACCEPT,
        "error": error,
        "limit": say(
            "files.limit", language, most=files.MOST_BYTES // (1024 * 1024),
            kinds=", ".join(kind.extension for kind in files.KINDS),
        ),
    }  # fmt: skip


def size_text(size: int) -> str:
    """Return a size as people read it."""
    if size < 1024 * 1024:
        return f"{figure_text(max(size / 1024, 1))} KB"
    return f"{figure_text(size / 1024 / 1024, 1)} MB"


def who(file: FileView, people: dict[UUID, str], units: dict[UUID, str]) -> str:
    """Return who added a file: unit and person."""
    names = (units.get(file.unit_id or file.id), people.get(file.person_id or file.id))
    return " ".join(name for name in names if name)


def names_of(shown: Iterable[FileView], language: str) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Return the names of persons and units that added files."""
    seen = list(shown)
    people = orgs.names_of_people({f.person_id for f in seen if f.person_id is not None})
    units = orgs.units_by_id({f.unit_id for f in seen if f.unit_id is not None})
    return (
        {id: name for id, (_, name) in people.items()},
        {id: unit.name(language) for id, unit in units.items()},
    )


def _row(
    file: FileView, reader: Reader, people: dict[UUID, str], units: dict[UUID, str]
) -> dict[str, object]:
    language = reader.language
    removed = file.removed_at is not None
    own = may(reader, "handle", own_file_thing(file)).allowed
    return {
        "id": file.id,
        "name": file.name,
        "href": None if removed else f"/files/{file.id}",
        "thumb": f"/files/{file.id}/pages/1.png" if file.has_preview and not removed else None,
        "ending": file.name.rpartition(".")[2].upper(),
        "facts": [
            size_text(file.size), moment_text(file.added_at, language), who(file, people, units)
        ],
        "notes": notes(file, language),
        "removed": removed,
        "restore": f"/files/{file.id}/restore" if removed and own else None,
        "remove": f"/files/{file.id}/remove" if own and not removed else None,
    }  # fmt: skip


def notes(file: FileView, language: str) -> list[str]:
    """Return what must be known of a file: it was not scanned, it shows persons."""
    found = [] if file.scan == "clean" else [say(f"files.scan.{file.scan}", language)]
    if file.classification == "L3":
        found.append(say("files.personal", language))
    return found
