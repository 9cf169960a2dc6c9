"""The order of a run on several processes: files stay whole, and the longest stories start first.

With ``--dist loadgroup`` pytest-xdist 3.8 says the group in ``_nodeid``, which pytest 9.2 no longer
reads, so every group was split and its installations were set up once in each process. Files are
kept whole by ``--dist loadfile``; what takes minutes must not start when all else has ended.
"""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the stories of whole installations first, each file in the order it is written in.

    A story goes on where the one before it ended; what pytest-randomly shuffles are small tests.
    Of those the files of applications come first: each examines a whole package for every test.
    """
    files = {path: n for n, path in enumerate(dict.fromkeys(item.path for item in items))}

    def place(item: pytest.Item) -> tuple[int, int, int]:
        if item.get_closest_marker("province") is None:
            return (1 if item.path.parent.name == "apps" else 2, 0, 0)
        return (0, files[item.path], item.location[1] or 0)

    items.sort(key=place)
