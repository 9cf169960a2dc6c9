"""The life of an application: installed, its numbers set by areas, upgraded, withdrawn.

``parameter`` which value of a parameter is in force where and when, pure · ``parameter_store``
areas set values and take them back · ``case_moves`` running cases go over to a release ·
``models`` the tables · ``trail`` the leaf of each change.
"""
