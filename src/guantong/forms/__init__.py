"""Forms: what is asked of people, described as JSON Schema and a layout, and checked on return.

It turns what a browser posts into typed answers or into errors a person can act on, and says
which fields the case can fill in advance. It draws nothing (``guantong.portal`` does) and
stores nothing (``guantong.flows`` does).

``definition`` closed reading of a form file · ``field`` one question · ``form`` the whole, its
answers and its prefill · ``conversion`` text to values · ``errors`` refusals · ``api`` the
front door.
"""
