"""Cases and tasks (案件、任务): work that has an owner, a limit and an end, whoever must do it.

A case is one matter on its way through a process; a task is one holder's duty in it. The
token rules are ``bpmn``'s; here their effects become rows, and each verb is one transaction
with its audit leaf. It does not judge signals (``brain``) and draws no pages (``portal``).

``level`` rising levels · ``task`` states and verbs, the pure rules · ``plan`` what a plan is ·
``process`` the processes packages brought · ``engine`` tokens of a case · ``steps`` what its
service tasks do · ``dispatch`` new tasks · ``verbs`` what holders do with theirs · ``due`` limits
and timers · ``case`` a case's own verbs · ``move``, ``moving`` and ``move_queries`` a case goes
over to another release · ``queries`` reading · ``events`` facts ·
``models`` tables.
"""
