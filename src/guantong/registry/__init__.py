"""One object, one file (一物一档): typed objects of the world that applications work on.

A type is declared by an application package; its objects are rows here, each with a public
key, a place, a division and a body that follows the type's contract. It does not keep cases or
tasks (``flows`` does) and draws no pages.

``object_type`` what a type is · ``service`` recording objects · ``queries`` reading them, cut to
what the reader may see · ``sealed`` personal columns at rest · ``witness`` what the log compares ·
``models`` the table.
"""
