"""Application packages: folders of declarations, read, examined, and only then carried out.

It decides what a package says and whether it may be carried out. It does not carry it out:
signals belong to ``guantong.brain``, processes to ``guantong.flows``, data to ``guantong.data``.
A package is foreign: nothing in it is trusted before it has been read closed and examined.

``kinds`` the kinds of file a package may hold, one schema each · ``document`` one file, with
the lines of its parts · ``reading`` a folder into a package · ``package`` what was read, and
its compiled rules, flows, forms and contracts · ``sql`` the SQL of packages, from its syntax
tree · ``kernel_datasets`` what the kernel lets packages read · ``findings`` what is wrong ·
``nearest`` the known word most like another · ``doctor`` the questions asked of every package ·
``vmodel`` what an application is for, taken apart to units of work, and the models compiled
from it · ``new_package`` a first package to change, from the files of ``starter`` · ``editor``
the schemas as an editor takes them · ``errors`` refusals · ``api`` the front door.
"""
