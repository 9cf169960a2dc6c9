"""The order of a run on several processes: files stay whole, and the longest stories start first.

With ``--dist loadgroup`` pytest-xdist 3.8 says the group in ``_nodeid``, which pytest 9.2 no longer
reads, so every group was split and its installations were set up once in each process. Files are
kept whole by ``--dist loadfile``; what takes minutes must not start when all else has ended.
"""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the stories of whole installations before the small tests; keep the order otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("province") is None)
