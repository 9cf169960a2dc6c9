"""The brain (大脑): it computes, notices and suggests; people decide.

A rule's answer on a row of data is a *signal*; what needs somebody becomes an *alert*, one for
each matter, whose level rises and falls; an alert opens a case in ``flows`` and hears how that
ended. *Indicators* are figures with a definition, and the rows they come from. It opens no task
itself, and it draws nothing.

``signal`` what a package declares · ``alert`` how an alert lives, pure rules · ``service`` data in,
alerts out · ``due`` alerts that end · ``indicator`` and ``figure`` figures · ``datasets`` what they
may read · ``queries`` reading · ``events`` facts · ``models`` tables.
"""
