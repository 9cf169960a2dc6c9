"""Classes of fields, from public to sealed, and when each is shown in the clear.

Contracts of objects and datasets give each column its class: L1 public, L2 for the work (whoever
may read the row reads it), L3 personal, L4 sealed (numbers of identity cards). The names follow
the four levels that 政务数据分类分级 of the provinces use.
"""

L1, L2, L3, L4 = "L1", "L2", "L3", "L4"
CLASSES = (L1, L2, L3, L4)

# Why somebody looks at personal data beside the own tasks. Words that are declared here, said on
# pages (``access.purpose.<word>``) and kept with every look; what is not one of them opens nothing.
PURPOSES = (
    "emergency_response",
    "complaint",
    "inspection",
    "verification",
    "correction",
    "statutory_request",
)

# What is masked unless a rule shows it.
PERSONAL = frozenset({L3, L4})
