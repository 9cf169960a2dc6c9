"""A package as one signed file (``.gtpkg``): made, opened without trust, judged.

Whoever receives the file has only its bytes. Nothing of it is written to a disk, compiled or
carried out before every byte has been accounted for.

``container`` the file: a zip that stores, in one form only · ``place`` the names a member may
have · ``manifest`` what the file says it holds · ``signature`` who answers for it · ``key`` a
publisher's key pair · ``pack`` a folder into bytes · ``opening`` bytes into an ``Archive`` ·
``unpack`` into a new private folder · ``verdict`` may it be installed · ``publisher`` whom this
installation trusts · ``asks`` what a package wants of an area · ``errors`` refusals.
"""
