"""The folder of all state belongs to one account."""

import os
from pathlib import Path

import pytest

from guantong.main.errors import HomeOfAnother
from guantong.main.home import Home


def test_a_home_is_prepared_as_often_as_its_owner_likes(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    home.prepare()
    key = home.secret_key()
    home.prepare()

    assert home.secret_key() == key


def test_an_installation_of_another_account_is_refused_and_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    (home.path / "lake").rmdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(HomeOfAnother, match="Give the command as that account: runuser -u "):
        home.prepare()

    assert not (home.path / "lake").exists()
