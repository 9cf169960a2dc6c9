"""The audit log: every change of state leaves a leaf, and a signed tree holds the leaves.

A leaf is written in the transaction of the change it tells of. One sequencer gives the leaves
their places in the Merkle tree of RFC 6962 and signs its head, so that a leaf that was altered,
removed or slipped in is found, and what stands in the log can be proved to a stranger. It is not a
log for programmers, and it does not know what a case is: the packages above bring *witnesses*,
queries that say what each record looks like now, so that a record altered behind the log's back
is found as well.

``leaf`` what a leaf is · ``service`` write and sequence · ``tree`` roots, proofs, growth ·
``suite`` algorithms · ``note`` signed heads · ``keys`` who signs · ``ledger`` what stands in the
store · ``blocks``, ``stand`` and ``check`` verification · ``proof`` and ``export`` what leaves the
house · ``archive`` months that leave the store · ``verifier`` for strangers · ``ports`` witnesses.
"""
