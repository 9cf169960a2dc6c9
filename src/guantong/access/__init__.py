"""One decision: actor, act, thing, realm → allowed or not, which rows, which masks, and why.

Pages, files, figures, exports and streams ask ``decide`` and nothing else; no view has an
``if`` of its own. Here are also the accounts. Who holds which post is ``guantong.orgs``.

``actor`` who asks · ``thing`` what is asked for · ``rows`` which rows an answer covers ·
``decision`` the rules, pure · ``service`` decide with names, actors, refusals, demo accounts ·
``models`` the account · ``errors`` the refusal as an exception.
"""
