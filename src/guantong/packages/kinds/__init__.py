"""The kinds of file a package may hold. A new kind is one line in ``known`` and what it names.

``kind`` what a kind is: a place, a schema, a reader, what it compiles to · ``known`` all of
them · ``schemas`` their JSON Schemas, closed, published as they are for editors. The page of
each kind is in ``docs/packages``; its checks are questions of the doctor.
"""
