"""This installation: its id, where public numbers come from, and whether it is a real province."""

from datetime import datetime
from uuid import UUID

from guantong.base.ids import new_id
from guantong.base.models import Installation


def installation_id(*, at: datetime) -> UUID:
    """Return the id of this installation; the first call makes it, stamped ``at``."""
    found = Installation.objects.order_by("created_at").values_list("id", flat=True).first()
    if found is None:
        found = Installation.objects.create(id=new_id(), created_at=at).id
    return found


def is_real() -> bool:
    """Say whether this store was ever started as a real province."""
    return Installation.objects.filter(real_since__isnull=False).exists()


def mark_real(*, at: datetime) -> None:
    """Keep that this is a real province; a backup carries it, and nothing takes it back."""
    Installation.objects.filter(real_since=None).update(real_since=at)


def short_code(id: UUID) -> str:
    """Return the six letters by which public numbers name an installation (Crockford base 32)."""
    letters, value = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", id.int & ((1 << 30) - 1)
    return "".join(letters[value >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))
