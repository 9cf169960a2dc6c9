"""The decision tables of an application as departments keep them: read, drafted, released, kept.

A package brings each table as a file. A department may write another version of it here, as a
draft; a second person releases it, and from its day on it decides in place of the file.

``sheet`` a table as its texts, and the file with other texts · ``comparison`` two versions row by
row · ``timeline`` which version holds when, and what may be done with one · ``kept`` versions as
the store has them · ``store`` the acts on them, each with its leaf · ``ruling`` which decision
answers in a realm at a time · ``examining`` what the doctor says of a version · ``merging`` what a
newer release of the package does to them.
"""
