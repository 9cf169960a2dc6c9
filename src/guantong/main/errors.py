"""What the command line refuses."""

from guantong.base.errors import GuantongError


class UnknownApplication(GuantongError):
    """A package that is not there, or that declares no replay."""

    code = "unknown-application"


class PortTaken(GuantongError):
    """Another program listens on a port we need."""

    code = "port-taken"


class NoStoreYet(GuantongError):
    """A check was asked for where nothing has been installed."""

    code = "no-store-yet"


class BadSetting(GuantongError):
    """An environment variable does not hold what it must."""

    code = "bad-setting"


class BadCount(GuantongError):
    """An environment variable that counts something is out of its range."""

    code = "bad-count"


class BadAddress(GuantongError):
    """An environment variable that names an address holds none."""

    code = "bad-address"


class WrongSetting(GuantongError):
    """An environment variable names something it cannot mean; ``takes`` says what it can."""

    code = "wrong-setting"


class StoreAway(GuantongError):
    """The record store cannot be reached, or went away while a command worked."""

    code = "store-away"


class AlreadyUp(GuantongError):
    """The processes of this home run already."""

    code = "already-up"


class PackageHasErrors(GuantongError):
    """The doctor refuses a package, so it is not installed."""

    code = "package-has-errors"


class DecisionUnreadable(GuantongError):
    """What was decided about a conflict is not written as the command reads it."""

    code = "decision-unreadable"


class NotInstalledHere(GuantongError):
    """A package is to be replayed that is withdrawn here, or that the store does not take."""

    code = "application-not-installed-here"


class BackupFailed(GuantongError):
    """A backup could not be written, and nothing of it is left."""

    code = "backup-failed"


class TargetTaken(GuantongError):
    """A file of that name is there already; a backup never replaces one."""

    code = "backup-target-taken"


class NoBackup(GuantongError):
    """A file is no backup, or not a whole one."""

    code = "no-backup"


class BackupUnsound(GuantongError):
    """A backup is there, but something in it is not what was written."""

    code = "backup-unsound"


class BackupNewer(GuantongError):
    """A backup was taken by a newer version than this one."""

    code = "backup-newer"


class HomeNotEmpty(GuantongError):
    """A backup would be restored over an installation that is there."""

    code = "home-not-empty"


class StoreNotEmpty(GuantongError):
    """A backup would be restored over the tables of a database that is there."""

    code = "store-not-empty"


class StoreInUse(GuantongError):
    """Other processes work with the database that a restore would replace."""

    code = "store-in-use"


class StoreTooOld(GuantongError):
    """The server named by DATABASE_URL is older than what we work with."""

    code = "store-too-old"


class BadStoreAddress(GuantongError):
    """DATABASE_URL is no address of a PostgreSQL."""

    code = "bad-store-address"


class HomeInUse(GuantongError):
    """Somebody works with the installation that a restore would replace."""

    code = "home-in-use"


class HomeOfAnother(GuantongError):
    """An installation belongs to another account than the one that gives the command."""

    code = "home-of-another"


class RestoreFailed(GuantongError):
    """A restore did not come to its end; what was there before is untouched."""

    code = "restore-failed"


class RestoreInterrupted(GuantongError):
    """A restore was killed while it exchanged the old state for the restored one."""

    code = "restore-interrupted"


class FileNotRead(GuantongError):
    """A file that a command was given cannot be read."""

    code = "file-not-read"


class FileNotWritten(GuantongError):
    """A file that a command was to write cannot be written, and nothing of it is left."""

    code = "file-not-written"


class WrongPassphrase(GuantongError):
    """The backup of the keys does not open with this passphrase."""

    code = "wrong-passphrase"


class WeakPassphrase(GuantongError):
    """A passphrase is too short to keep keys behind."""

    code = "weak-passphrase"


class NoKeysYet(GuantongError):
    """There are no keys to back up."""

    code = "no-keys-yet"


class StoreNewer(GuantongError):
    """A newer version has been at work in this store; this one would not understand it."""

    code = "store-newer"


class StoreOlder(GuantongError):
    """A store of an older version was to be asked by a command that changes nothing."""

    code = "store-older"


class UpgradeInUse(GuantongError):
    """Processes of the older version still work with the store that must be migrated."""

    code = "upgrade-in-use"


class UpgradeFailed(GuantongError):
    """The store could not be brought to this version, and is as it was."""

    code = "upgrade-failed"


class NoWayBack(GuantongError):
    """There is no backup from before an upgrade."""

    code = "no-way-back"


class VersionChanged(GuantongError):
    """The store was brought to another version while this process worked with it."""

    code = "version-changed"


class BadToken(GuantongError):
    """A token of the operator is too short to guard anything."""

    code = "bad-token"


class PackageTwice(GuantongError):
    """Two of the folders to rehearse hold the same application."""

    code = "package-twice"


class ReportNotWritten(GuantongError):
    """The report of a rehearsal cannot be written where it was asked for."""

    code = "report-not-written"


class FilesChanged(GuantongError):
    """A rehearsal was to be kept of files that are no longer those that were played."""

    code = "files-changed"


class NotAmongThem(GuantongError):
    """An application that is not installed here was to be played with people."""

    code = "not-installed"


class NoSuchExercise(GuantongError):
    """An exercise was to be ended that nobody has begun, or that is over."""

    code = "no-such-exercise"
