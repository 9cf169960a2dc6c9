"""Decisions of departments as tables (OMG DMN 1.1 to 1.5), as a plain library.

A file is read into an immutable model, each cell compiled once; a decision then gives its value
and why: the rules that hit, the cells that matched, the row's own annotation. It stores
nothing, reads no clock, and knows no application.

``reader`` XML to the model · ``document`` the XML itself, made harmless · ``model`` decisions and
what they require · ``table`` decision tables and their hit policies · ``outcome`` value and
reasons · ``explain`` the sentence why · ``examine`` what is wrong with a table before it runs ·
``coverage`` what it leaves open over the values there can be · ``errors`` refusals · ``api`` the
front door.
"""
