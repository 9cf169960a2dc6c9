"""Every kind of file this kernel carries out, and those it knows of but does not yet.

Kinds are named for their folder. Compiling is done by the engine that will carry the file
out, so that what the doctor has read is what will run.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePosixPath

from guantong.base.errors import GuantongError
from guantong.bpmn import api as bpmn
from guantong.data import api as data
from guantong.dmn import api as dmn
from guantong.forms import api as forms
from guantong.packages.document import Document, read_json, read_yaml
from guantong.packages.kinds.kind import Kind
from guantong.packages.sql import indicator_sql


def _contract(document: Document) -> data.Contract:
    return data.read_contract(document.content, origin=document.path)


def _decisions(document: Document, beside: Iterable[Document]) -> dmn.Model:
    def imported(wanted: dmn.Import) -> bytes | None:
        for other in beside:
            with suppress(GuantongError):  # a file that cannot be read is told where it stands
                if dmn.namespace_of(other.content) == wanted.namespace:
                    return other.content
        return None

    return dmn.read(document.content, imported)


KINDS: tuple[Kind, ...] = (
    Kind(name="app", places=("app.yaml",), read=read_yaml, schema="app", needed=True),
    Kind(name="vmodel", places=("vmodel.yaml",), read=read_yaml, schema="vmodel"),
    Kind(name="roles", places=("roles.yaml",), read=read_yaml, schema="roles"),
    Kind(name="parameters", places=("parameters.yaml",), read=read_yaml, schema="parameters"),
    Kind(
        name="objects",
        places=("objects/*.yaml",),
        read=read_yaml,
        schema="contract",
        compile=_contract,
    ),
    Kind(
        name="datasets",
        places=("datasets/*.yaml",),
        read=read_yaml,
        schema="contract",
        compile=_contract,
    ),
    Kind(
        name="derivations",
        places=("datasets/*.sql",),
        compile=lambda document: data.read_sql(document.text),
    ),
    Kind(name="rules", places=("rules/*.dmn",), compile_beside=_decisions),
    Kind(name="signals", places=("signals/*.yaml",), read=read_yaml, schema="signal"),
    Kind(
        name="flows", places=("flows/*.bpmn",), compile=lambda document: bpmn.read(document.content)
    ),
    Kind(name="plans", places=("plans/*.yaml",), read=read_yaml, schema="plan"),
    Kind(name="migrations", places=("migrations/*.yaml",), read=read_yaml, schema="migration"),
    Kind(name="indicators", places=("indicators/*.yaml",), read=read_yaml, schema="indicator"),
    Kind(
        name="figures",
        places=("indicators/*.sql",),
        compile=lambda document: indicator_sql(document.text),
    ),
    Kind(name="indexes", places=("indexes/*.yaml",), read=read_yaml, schema="index"),
    Kind(
        name="forms",
        places=("forms/*.json",),
        read=read_json,
        schema="form",
        compile=lambda document: forms.read(document.data),
    ),
    Kind(name="pages", places=("pages/*.yaml",), read=read_yaml, schema="page"),
    Kind(
        name="messages",
        places=("messages/zh-CN.yaml", "messages/en.yaml"),
        read=read_yaml,
        schema="messages",
    ),
    Kind(
        name="samples",
        places=("samples/*.csv", "samples/*.sql"),
        compile=lambda document: (
            data.read_sql(document.text) if document.path.endswith(".sql") else None
        ),
    ),
    Kind(name="scenarios", places=("scenarios/*.yaml",), read=read_yaml, schema="scenario"),
    Kind(name="replay", places=("replay.yaml",), read=read_yaml, schema="replay"),
    Kind(
        name="maturity", places=("maturity.yaml",), read=read_yaml, schema="maturity", needed=True
    ),
)

# Places the design gives to kinds that this kernel does not carry out yet.
_LATER = ("hooks.py", "codes/*", "services/*")


def by_name(name: str) -> Kind:
    """Return the kind of that name; asking for another is a mistake of the program."""
    return next(kind for kind in KINDS if kind.name == name)


def kind_of(path: str) -> Kind | None:
    """Return the kind of file that stands at this path, if any does."""
    return next((kind for kind in KINDS if kind.holds(path)), None)


def comes_later(path: str) -> bool:
    """Say whether the design has a kind for this path that is not carried out yet."""
    return any(PurePosixPath(path).match(place) for place in _LATER)
