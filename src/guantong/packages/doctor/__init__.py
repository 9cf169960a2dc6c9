"""The doctor: one module per question, every answer collected, nothing stops at the first.

It examines; it mends nothing and carries nothing out but the examples a package brings, in a
closed DuckDB with rows of their own.

``questions`` one module per question, ``check(subject)`` yields findings · ``asked`` the order
of the questions · ``examine`` asks them all · ``subject`` the package as the questions see it ·
``closed`` files against their schemas · ``known`` what flows and cases offer · ``columns`` the
tables a package may read · ``statements`` what all its SQL must keep · ``examples`` running
what it gives and expects · ``report`` how a question makes a finding.
"""
