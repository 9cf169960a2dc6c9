"""Whoever acts on other people's accounts, or opens sealed data, shows again that it is they.

A session left open at a counter must not hand out codes, lock colleagues out or open numbers of
identity. Rights are asked first and the proof afterwards, so that who may not learns nothing new.
"""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import urlencode

from guantong.portal.sign_in import proved_lately


def ask_again(request: HttpRequest, back: str) -> HttpResponseRedirect | None:
    """Return where the password is asked for again; None while the last proof is fresh.

    ``back`` is the page with the button: nothing is done by the confirmation itself, whoever
    confirms presses the button again.
    """
    if proved_lately(request):
        return None
    return HttpResponseRedirect(f"/account/confirm?{urlencode({'next': back, 'act': '1'})}")
