"""The one folder that holds all state of an installation (``GUANTONG_HOME``)."""

import os
import pwd
import secrets
from dataclasses import dataclass
from pathlib import Path

from guantong.main.errors import HomeOfAnother

# Stands in a home while a restore exchanges what was there for what was restored.
EXCHANGING = "exchanging"


@dataclass(frozen=True)
class Home:
    """Where things stand inside the folder. Nothing is made until it is needed."""

    path: Path

    @property
    def postgres(self) -> Path:
        """The data folder of the embedded PostgreSQL."""
        return self.path / "postgres"

    @property
    def lake(self) -> Path:
        """The Delta tables."""
        return self.path / "lake"

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.path / "logs"

    @property
    def keys(self) -> Path:
        """What signs and seals, apart from all else: a backup of the rest never holds it."""
        return self.path / "keys"

    @property
    def files(self) -> Path:
        """Attachments and documents, each under the digest of its content."""
        return self.path / "files"

    @property
    def heads(self) -> Path:
        """The newest signed head of the audit log, outside the record store."""
        return self.path / "heads"

    @property
    def backups(self) -> Path:
        """What an upgrade keeps as its way back."""
        return self.path / "backups"

    @property
    def real(self) -> Path:
        """Stands here once this home was started as a real province: never a demonstration."""
        return self.path / "real"

    def is_demonstration(self) -> bool:
        """Say whether this home takes its store for a demonstration (GUANTONG_DEMO).

        A home that was started once as a real province stays one, whoever forgets the setting
        later. The store has the last word (``store.is_demonstration``).
        """
        wish = os.environ.get("GUANTONG_DEMO") or "yes"
        if wish not in ("yes", "no"):
            from guantong.main.errors import WrongSetting

            raise WrongSetting(name="GUANTONG_DEMO", value=wish[:40], takes="yes | no")
        if wish == "no" and self.path.exists():
            self.real.touch()
        return wish == "yes" and not self.real.exists()

    def prepare(self) -> None:
        """Make the folder, readable by its owner only, and what must exist before Django starts."""
        self._refuse_anothers()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.lake, self.logs, self.keys, self.files, self.path / "static"):
            folder.mkdir(mode=0o700, exist_ok=True)
        key = self.path / "secret_key"
        if not key.exists():
            # Written beside and renamed, so that two first starts agree on one key.
            fresh = self.path / f"secret_key.{os.getpid()}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(50), encoding="utf-8")
            try:
                os.link(fresh, key)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()

    def _refuse_anothers(self) -> None:
        """Refuse an installation of another account, for root, too.

        Whoever is on call is often root. What root writes the service could not read afterwards.
        """
        try:
            owner = (self.path / "secret_key").stat().st_uid
        except FileNotFoundError:
            return  # nothing is there yet
        except PermissionError:
            owner = self.path.stat().st_uid
        if owner != os.geteuid():
            try:
                account = pwd.getpwuid(owner).pw_name
            except KeyError:
                account = str(owner)
            raise HomeOfAnother(home=self.path, account=account)

    def secret_key(self) -> str:
        """Return the key that signs sessions; a folder not yet prepared gives a passing one."""
        key = self.path / "secret_key"
        return key.read_text(encoding="utf-8") if key.exists() else secrets.token_urlsafe(50)


def current() -> Home:
    """Return the home named by ``GUANTONG_HOME``, else ``~/.local/share/guantong``."""
    named = os.environ.get("GUANTONG_HOME")
    path = Path(named) if named else Path.home() / ".local" / "share" / "guantong"
    return Home(path.expanduser().absolute())
