"""A folder into the bytes of a package file: the same files, the same key, the same bytes.

(With SM2 the signature itself differs each time, as the standard has it; the manifest does not.)
"""

from guantong.packages.archive import container, manifest, signature
from guantong.packages.archive.errors import ArchiveRefused
from guantong.packages.archive.key import PrivateKey
from guantong.packages.archive.place import refuse_bad_places
from guantong.packages.package import Package

SUFFIX = ".gtpkg"


def packed(package: Package, key: PrivateKey | None = None) -> bytes:
    """Return the package file of a package that was read; the doctor is asked by the caller."""
    app = package.one("app")
    if package.strays or app is None or not isinstance(app.data, dict):
        raise ArchiveRefused("not-packed", path=str(package.folder))
    facts = {name: app.data.get(name) for name in ("id", "version", "kernel")}
    if not all(isinstance(fact, str) for fact in facts.values()):
        raise ArchiveRefused("not-packed", path=str(package.folder))
    files = {path: document.content for path, document in package.documents.items()}
    return of_files(files, key=key, **facts)  # type: ignore[arg-type]  # all of them are texts


def of_files(
    files: dict[str, bytes], *, id: str, version: str, kernel: str, key: PrivateKey | None = None
) -> bytes:
    """Return the package file that holds these files."""
    told = manifest.of_files(files, id=id, version=version, kernel=kernel)
    members = {manifest.NAME: told.bytes}
    if key is not None:
        members[signature.NAME] = signature.sign(told, key).bytes
    members |= {f"{id}/{path}": files[path] for path in sorted(files)}
    refuse_bad_places(members)
    # What we write we must be able to open: a folder may hold more than a file may.
    found = container.written(members)
    container.opened(found)
    return found


def file_name(id: str, version: str) -> str:
    """Return how the file of a package is called."""
    return f"{id}-{version}{SUFFIX}"
