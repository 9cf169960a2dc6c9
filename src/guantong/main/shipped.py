"""The packages that come along with the kernel are entered in the store when it is made ready.

The first time they are installed; with a newer kernel the installed ones are brought to the release
that comes along with it. What a person has installed from elsewhere, or has withdrawn, is that
person's decision and stays. From the store every process reads what is installed.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from guantong.base.errors import GuantongError

BY = "kernel"
Tell = Callable[[GuantongError], None]


def enter_shipped(folder: Path, *, at: datetime, tell: Tell = lambda _: None) -> None:
    """Enter every package of a folder that is new there; tell of each that is refused."""
    from guantong.main.packages import refuse_unsound, remember_sound
    from guantong.packages import api as packages

    for path in sorted(p.parent for p in folder.glob("*/app.yaml")):
        try:
            brought = packages.Brought(package=packages.read(path), origin=packages.SHIPPED)
            package = brought.package
            known = packages.standing(package.id)
            if known is not None and (
                known.digest == package.digest
                or known.origin != packages.SHIPPED
                or known.state != packages.INSTALLED
            ):
                continue
            refuse_unsound(package)
            remember_sound(package)
            packages.enter(brought, by=BY, why="shipped with the kernel", at=at)
        except GuantongError as refusal:
            # One wrong package must not keep the others from people.
            tell(refusal)
