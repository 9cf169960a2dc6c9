"""The kernel's own YAML says the same to the fast parser as to the plain one."""

from importlib import resources
from pathlib import Path

import pytest
import yaml

from guantong.base.declared import read_declared

KERNEL = Path(str(resources.files("guantong")))
FILES = sorted(p.relative_to(KERNEL).as_posix() for p in KERNEL.rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_the_kernel_says_the_same_to_either_parser(file: str) -> None:
    text = (KERNEL / file).read_text(encoding="utf-8")

    assert read_declared(text) == yaml.safe_load(text)


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(yaml.YAMLError):
        read_declared("!!python/object/apply:os.getcwd []")
