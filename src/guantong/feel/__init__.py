"""FEEL, the one expression language of the platform, as a plain library.

Gateways, decision cells, ends of signals and visibility of form fields are FEEL (OMG DMN 1.5,
chapter 10). It is not a scripting language: no text of a stranger reaches ``eval``, ``exec``
or SQL, nothing loops without end, nothing reads the clock, and a wrong type gives null.

``lexer`` text to tokens · ``syntax`` the one immutable tree · ``parser`` and ``type_parser`` tokens
to the tree · ``compiler``, ``iteration``, ``invocation`` the tree to Python closures · ``value``
what values are, equal and ordered · ``instance`` types and conversions · ``arithmetic`` numbers of
34 digits, dates and durations · ``temporal`` dates as text · ``built_in``, ``functions`` and
``*_functions`` the built-ins · ``pattern`` regular expressions · ``moment`` what ``now()`` answers
· ``work`` bounds · ``expression`` what callers hold · ``names`` what an expression reads ·
``shapes`` kinds of values where the inputs are known · ``to_sql`` the tree to SQL · ``turning``
where a test changes its mind · ``errors`` refusals · ``api`` the front door.
"""
