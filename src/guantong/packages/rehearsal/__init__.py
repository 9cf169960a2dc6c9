"""Rehearsal (彩排): the right arm of the V. A scenario is played in an exercise and judged.

``script`` what a scenario wants, instant by instant · ``deeds`` the same in the store, so that a
kill loses nothing · ``acting`` one act of one person, and whether it was refused as it should ·
``opening`` a case that one opens by hand ·
``judging`` pure: is it as the scenario says · ``world`` what there is to judge ·
``passed`` the ways cases took · ``coverage`` what was reached, what was not ·
``timeline`` what happened · ``rehearse`` a scenario from begin to end · ``picture`` and ``report``
what people read · ``written`` the same as plain values · ``kept`` with the release it was made of.
Where it is played is a port that ``guantong.main`` fills: a province in a box.
"""
