"""What is refused of files and documents."""

from guantong.base.errors import GuantongError


class FileRefused(GuantongError):
    """A file that is not taken in, for a reason that its kind names."""

    code = "attachment-refused"


class TypeNotAllowed(FileRefused):
    """A kind of file that is not on the list."""

    code = "file-type-not-allowed"


class TypeLies(FileRefused):
    """The name says another kind than the content is."""

    code = "file-type-lies"


class TooLarge(FileRefused):
    """One file is larger than is taken in."""

    code = "file-too-large"


class TooMuch(FileRefused):
    """The record holds as many files, or as many bytes, as it may."""

    code = "file-too-much"


class Empty(FileRefused):
    """A file without content, or none chosen."""

    code = "file-empty"


class Bomb(FileRefused):
    """A file that would swell beyond all measure when it is opened."""

    code = "file-bomb"


class HoldsCode(FileRefused):
    """A file with macros, scripts or links that act."""

    code = "file-holds-code"


class Broken(FileRefused):
    """A file that cannot be read as what it says it is, or that is two things at once."""

    code = "file-broken"


class Infected(FileRefused):
    """The virus scanner found something."""

    code = "file-infected"


class StillScanned(GuantongError):
    """A file was asked for before the scanner has looked at it."""

    code = "file-being-scanned"


class BytesGone(GuantongError):
    """The record of a file is there, its bytes are not, or are other ones."""

    code = "file-bytes-gone"


class NotRestorable(GuantongError):
    """A removed file was wanted back too late."""

    code = "file-not-restorable"


class NoPreview(GuantongError):
    """A preview that cannot be drawn."""

    code = "file-no-preview"


class PdfNotPossible(GuantongError):
    """PDF cannot be written here, because a library of the system is missing."""

    code = "document-pdf-not-possible"


class PressFailed(GuantongError):
    """The process that prints documents failed or took too long."""

    code = "document-press-failed"


class DocumentWrong(GuantongError):
    """What was typed for a document is not enough."""

    code = "document-wrong"


class AlreadyVoid(GuantongError):
    """A document was declared void before."""

    code = "document-already-void"


class SealRefused(GuantongError):
    """The seal service did not put the seal; nothing was issued."""

    code = "document-seal-refused"
