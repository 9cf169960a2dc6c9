"""Files: attachments under the digest of their content, and documents that offices issue.

``content`` what a file really is, and what is refused · ``naming`` names without traps · ``blobs``
bytes on disk, each sealed under its digest · ``sealed_contents`` which key seals which, and the
change of keys · ``scanning`` the port to a virus scanner · ``service`` and
``queries`` the records of files · ``preview`` pictures of pages, drawn in a process of its own ·
``check`` whether the bytes are still those that were stored · ``document_*`` notices, receipts,
rectification orders and reports: number, text, Word, PDF, seal port, code to verify them by.

Who may see or add a file is decided by ``access`` for the record it belongs to; pages are the
portal's.
"""
