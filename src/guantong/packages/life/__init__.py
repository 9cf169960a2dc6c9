"""The life of an application: installed, its numbers set by areas, upgraded, withdrawn.

``said`` what an area has said, and which of its words is in force · ``parameter`` a value of a
parameter where and when, pure · ``parameter_store`` areas set values and take them back ·
``models`` the tables · ``trail`` the leaf of each change · ``set_number`` what processes look at.
Words and forms of areas are ``guantong.packages.areas``.
"""
