"""All models of one package's V at once: for the page, the interface and the command line."""

from collections.abc import Iterable
from dataclasses import dataclass

from guantong.data.api import Contract
from guantong.packages.package import Package
from guantong.packages.vmodel.completeness import Completeness, completeness_of
from guantong.packages.vmodel.cooperation import Cooperation, cooperation_of
from guantong.packages.vmodel.known_data import KnownData, known_data
from guantong.packages.vmodel.model import VModel, read_model
from guantong.packages.vmodel.sharing import SharedField, sharing_of


@dataclass(frozen=True, kw_only=True)
class Models:
    """The V-model and what is compiled from it; the demand list needs a province besides."""

    model: VModel
    known: dict[str, KnownData]
    cooperation: Cooperation
    sharing: tuple[SharedField, ...]
    completeness: Completeness


def models_of(package: Package, others: Iterable[Contract] = ()) -> Models | None:
    """Return the models of a package; none where it has no vmodel.yaml.

    ``others`` are contracts of other packages. The package is one the doctor finds no error in:
    what its engines refuse is raised here.
    """
    document = package.one("vmodel")
    if document is None:
        return None
    model = read_model(document.data)
    known = dict(known_data(package, others))
    return Models(
        model=model,
        known=known,
        cooperation=cooperation_of(package, model),
        sharing=sharing_of(package, model, known),
        completeness=completeness_of(package, model, known),
    )
