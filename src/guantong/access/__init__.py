"""One decision: actor, act, thing, realm → allowed or not, which rows, which masks, and why.

Pages, files, figures, exports and streams ask ``decide`` and nothing else; no view has an
``if`` of its own. Here are also the accounts. Who holds which post is ``guantong.orgs``.

``actor`` who asks · ``thing`` what is asked for · ``rows`` which rows an answer covers ·
``decision`` the answer · ``question`` what the rules are asked · ``rules`` all of them, pure ·
``organisation`` those about units, accounts, notices · ``roles`` what packages open ·
``fields`` classes and purposes · ``approval`` a second person opens sealed fields · ``looks`` who
has seen it · ``contest`` a citizen contests a look · ``residence`` which records are a citizen's ·
``explain`` why, and who else may · ``service`` decide with names, actors, refusals, demo accounts ·
``models`` the account · ``errors`` the refusal as an exception.
"""
