"""Guantong (贯通): the operating system of a province's digital reform.

One small kernel; every application is a package of declarations in ``apps/``.
The packages here are layers, top to bottom as in ARCHITECTURE.md: calls go down,
facts come up as events.
"""
