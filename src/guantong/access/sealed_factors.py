"""The sealed secrets of second factors, for whoever changes the keys (``base.resealing``).

allauth keeps them inside a JSON column, so the common way of naming columns does not reach them.
"""

from django.db import transaction

from guantong.base.sealed_places import bring_sealed_place, table_exists
from guantong.base.sealing import is_sealed, key_of, ring, seal_under, unseal

ABOUT = "mfa_authenticator.secret"
# The secret of an app, the seed of a sheet of codes.
_PLACES = ("secret", "seed")


class SealedFactors:
    """The rows of allauth's table that hold a secret."""

    name = "mfa_authenticator (secret, seed)"

    def any_sealed(self) -> bool:
        """Say whether one secret is sealed; a table not yet made holds none."""
        return table_exists("mfa_authenticator") and bool(self._rows())

    def keys_in_use(self) -> set[str]:
        """Return the names of the keys that some secret needs."""
        if not table_exists("mfa_authenticator"):
            return set()
        return {key_of(value) for _, _, value in self._rows()}

    def sealed_under(self, key: str) -> int:
        """Count the rows that need a key."""
        return sum(key_of(value) == key for _, _, value in self._rows())

    def waiting(self, key: str) -> int:
        """Count the rows that are sealed under another key."""
        return sum(key_of(value) != key for _, _, value in self._rows())

    def reseal(self, key: str, *, most: int) -> int:
        """Seal some of the waiting rows under ``key``."""
        from allauth.mfa.models import Authenticator

        current = ring().keys[key]
        waiting = [(id, place) for id, place, value in self._rows() if key_of(value) != key][:most]
        with transaction.atomic():
            for id, place in waiting:
                row = Authenticator.objects.select_for_update().get(pk=id)
                plain = unseal(row.data[place], about=ABOUT)
                row.data[place] = seal_under(current, plain, about=ABOUT)
                row.save(update_fields=["data"])
        return len(waiting)

    def _rows(self) -> list[tuple[int, str, str]]:
        from allauth.mfa.models import Authenticator

        return [
            (row.pk, place, row.data[place])
            for row in Authenticator.objects.order_by("pk").iterator()
            for place in _PLACES
            if is_sealed(row.data.get(place))
        ]


bring_sealed_place(SealedFactors())
