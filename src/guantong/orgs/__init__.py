"""Who there is and who answers: divisions, lines, units, posts, people, jurisdiction.

``resolve`` turns a role of a package (``water@county``) and a place into one unit, its
superior and the coordinating area unit, or into a named gap. It is not accounts and not
permissions: those are ``guantong.access``.

``division`` codes and tiers · ``line`` the lines (条) · ``role`` what a package writes ·
``responsibility`` the one function · ``founding`` the rows of a province from its data files ·
``shipped`` the same without a store · ``service`` found, rename, merge ·
``queries`` the read side · ``bulk`` rows by COPY ·
``models`` the tables · ``data`` the divisions of Zhejiang and the lines.
"""
