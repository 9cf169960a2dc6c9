"""Ground that every other package stands on; it knows nothing of what is built on it.

``ids`` identifiers · ``realm`` and ``clock`` which world, and what time it is there ·
``working_days`` the Chinese calendar · ``errors`` and ``words`` refusals and what people read ·
``declared`` YAML of our own · ``paging`` lists page by page · ``outbox`` facts on their way up ·
``hashing`` canonical bytes and digests · ``models`` the tables of all these.
"""
