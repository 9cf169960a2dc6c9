"""The data plane (ASGI): what stays open for long, beside the pages that answer at once.

Today that is the live cockpit as server-sent events. Whoever listens is the person who signed in
to the pages, asked for by the same cookie and judged by the same ``access``; nothing here has a
rule of its own, and nothing is written but the leaf of a refusal.

``api`` the application · ``listener`` who listens, and whether they still may · ``channel`` one
poller for all who see the same · ``stream`` the messages on the wire · ``offload`` the record
store, asked outside the event loop · ``errors`` refusals.
"""
