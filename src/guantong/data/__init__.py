"""The public data platform: contracts, landing, quarantine, tables in the lake, derived datasets.

It decides whether a row is what its contract says, lands batches once and never half, and
derives datasets by SQL in a locked room. It does not decide who may land or read (``access``,
asked by the caller), keeps no things of the world (``registry``) and knows no application.

``contract`` an ODCS document, read · ``fault`` rows and what is wrong with them ·
``csv_file`` and ``lines`` a file, by a dialect of the contract · ``validation`` the checks ·
``lake`` Delta tables · ``landing`` one batch from request to fact, and recovery ·
``catalogue`` datasets known to this process · ``sandbox`` foreign SQL, examined and run ·
``derive`` derived datasets · ``queries`` the read side · ``ports`` what others bring ·
``models`` runs and quarantine · ``witness`` what the audit compares ·
``events`` the fact that a batch landed · ``errors`` refusals.
"""
