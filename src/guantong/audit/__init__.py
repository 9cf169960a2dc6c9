"""The audit log: every change of state leaves a leaf, and the leaves are chained.

A leaf is written in the transaction of the change it tells of. One sequencer gives the
leaves their order and chains them by SHA-256, so that a leaf that was altered, removed or
slipped in is found. It is not a log for programmers, and it does not know what a case is:
the packages above bring *witnesses*, queries that say what each record looks like now, so
that a record altered behind the log's back is found as well.

``leaf`` what a leaf is and how it is digested · ``service`` write and sequence ·
``check`` verification · ``ports`` witnesses · ``models`` the two tables.
"""
