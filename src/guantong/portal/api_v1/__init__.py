"""The interface for other systems: ``/api/v1``, the same doors as the pages, in JSON.

It adds no rule. Each operation asks ``access`` what its page asks, calls the same front doors and
leaves the same leaves; what it refuses has one shape (``code, message, remedy, trace``).

* ``door``      who asks, by session or access key, and what is refused before any operation
* ``language``  in which language
* ``refusals``  errors as status and JSON
* ``shapes``    what several operations have in common; the shapes of one are in its own file
* ``once``      acts that a repeated request does not repeat
* ``tasks cases organisation proofs notices files figures rights oneself applications``
  the operations
* ``interface`` all of them together, and the description (``docs/api/openapi.yaml``)
"""
