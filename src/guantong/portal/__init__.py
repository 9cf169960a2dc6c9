"""Web pages for officers, leaders and stewards, in Chinese and English, on phone and desk.

A page asks ``access`` what may be seen, a verb of ``flows`` what may be done, and shows the
sentence where either refuses; no rule lives here. Pages work without script.

``reader`` who asks, in which language and realm · ``middleware`` refusals become pages ·
``views_*`` one subject each · ``urls_work`` and ``urls_cockpit`` addresses · ``front`` sources of
scripts and styles · ``templates`` · ``templatetags`` words, moments, numbers.
"""
