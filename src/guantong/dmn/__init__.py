"""Decisions of departments as tables and boxes (OMG DMN 1.1 to 1.5), as a plain library.

A file is read into an immutable model, each text compiled once; a decision then gives its value
and why: the rules that hit, the cells that matched, the row's own annotation. It stores
nothing, reads no clock, opens no file, and knows no application.

``reader`` XML to the model, imports included · ``logic_reader`` tables and boxes · ``item``
declared types · ``document`` the XML itself, made harmless · ``model`` decisions, services and
knowledge, and what they require · ``boxed`` boxed expressions · ``table`` decision tables ·
``policy`` what their hits are worth together · ``conversion`` a value as its type takes it ·
``outcome`` value and reasons · ``trace`` the reasons of what was called · ``explain`` the sentence
why · ``examine`` what is wrong with a table before it runs · ``coverage`` and ``sweep`` what it
leaves open over the values there can be · ``index`` its rules by the values of its columns ·
``quick`` the short way through it · ``batch`` many records at once · ``errors`` refusals · ``api``
the front door.
"""
