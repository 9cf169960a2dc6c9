"""A real province begins without printed passwords, with one administrator and a code."""

from pathlib import Path
from typing import Any

import pytest
from tests.province import user_for

from guantong.access.account import activate
from guantong.access.api import User, close_printed_accounts, first_administrator, printed_accounts
from guantong.access.errors import FirstAdministratorThere
from guantong.access.service import DEMO_PASSWORD, actor_for
from guantong.base.clock import local_day, machine_now
from guantong.main import store, supervisor, upgrade
from guantong.main.errors import WrongSetting
from guantong.main.health import look_at_demo_accounts
from guantong.main.home import Home, current

WORD = "harbour lantern twelve"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]


def made(name: str = "周某") -> tuple[str, str]:
    return first_administrator(name, at=machine_now(), actor="command:people")


def use(account: str, code: str) -> User:
    return activate(account, code, WORD, kind="official", address="", at=machine_now())


def test_the_first_administrator_administers_the_platform_after_the_code() -> None:
    account, code = made()

    user = use(account, code)

    actor = actor_for(user, local_day(machine_now()))
    assert actor.name == "周某"
    assert [(p.unit_code, p.post_code) for p in actor.posts] == [("emergency@33", "head")]


def test_once_there_is_an_administrator_nobody_is_made_from_the_command_line() -> None:
    use(*made())

    with pytest.raises(FirstAdministratorThere, match="appoints and invites others"):
        made("另一人")

    assert User.objects.count() == 1


def test_the_administrator_of_a_demonstration_is_one() -> None:
    user = user_for("emergency@33", "head", username="admin")
    User.objects.filter(id=user.id).update(activated_at=machine_now())

    with pytest.raises(FirstAdministratorThere):
        made()


def test_a_code_that_was_lost_is_given_anew_and_the_old_one_is_void() -> None:
    account, lost = made()
    again, code = made()

    with pytest.raises(Exception, match="activation code"):
        use(account, lost)
    assert again == account
    assert use(account, code).username == account


def test_another_name_takes_the_place_of_one_who_never_came() -> None:
    first, _ = made("周某")
    account, code = made("吴某")

    assert not User.objects.get(username=first).is_active
    assert actor_for(use(account, code), local_day(machine_now())).name == "吴某"


def test_closing_the_accounts_of_a_demonstration_leaves_the_real_ones() -> None:
    user_for("area@331081", "head", username="printed")
    real = use(*made())

    assert close_printed_accounts(at=machine_now(), actor="command:people") == 1
    assert printed_accounts() == 0
    assert User.objects.get(id=real.id).is_active


@pytest.mark.parametrize(
    ("name", "value"),
    [("GUANTONG_HOSTS", "gov.example"), ("GUANTONG_TLS", "1"), ("GUANTONG_PROXIES", "1")],
)
def test_printed_passwords_are_a_red_light_when_others_reach_the_service(
    name: str, value: str, monkeypatch: Any
) -> None:
    user_for("area@331081", "head", username="printed")
    here = [f.light for f in look_at_demo_accounts(Home(Path()), machine_now())]
    monkeypatch.setenv(name, value)

    found = list(look_at_demo_accounts(Home(Path()), machine_now()))
    close_printed_accounts(at=machine_now(), actor="test")
    closed = [f.light for f in look_at_demo_accounts(Home(Path()), machine_now())]

    assert here == ["green"]
    assert [f.light for f in found] == ["red"]
    assert "close-demo-accounts" in found[0].sentence("en")
    assert closed == ["green"]


def test_a_home_that_began_as_a_real_province_stays_one(tmp_path: Path, monkeypatch: Any) -> None:
    home = Home(tmp_path)
    monkeypatch.delenv("GUANTONG_DEMO", raising=False)
    before = home.is_demonstration()
    monkeypatch.setenv("GUANTONG_DEMO", "no")
    real = home.is_demonstration()
    monkeypatch.delenv("GUANTONG_DEMO")

    assert (before, real, home.is_demonstration()) == (True, False, False)


def test_the_setting_is_yes_or_no(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GUANTONG_DEMO", "maybe")

    with pytest.raises(WrongSetting, match="GUANTONG_DEMO"):
        Home(tmp_path).is_demonstration()


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: Any) -> Any:
    """Make the store ready as another home does; it is founded and migrated already."""
    monkeypatch.delenv("GUANTONG_DEMO", raising=False)
    homes = iter(range(9))

    def ready(**environment: str) -> None:
        monkeypatch.setenv("GUANTONG_HOME", str(tmp_path / f"home{next(homes)}"))
        current().path.mkdir()
        with monkeypatch.context() as only:
            for name, value in environment.items():
                only.setenv(name, value)
            only.setattr(upgrade, "bring_up_to_date", lambda **_: None)
            only.setattr("guantong.orgs.api.found_province", lambda **_: None)
            store.make_ready()

    return ready


def test_a_real_province_stays_one_in_another_home_and_after_a_restore(prepared: Any) -> None:
    prepared(GUANTONG_DEMO="no")

    prepared()  # a new home, without mark and setting, over the same store

    assert not store.is_demonstration()
    assert supervisor._replays_to_do() == []
    assert printed_accounts() == 0
    assert not User.objects.filter(printed_password=True).exists()


def test_a_demonstration_that_becomes_a_real_province_closes_its_printed_accounts(
    prepared: Any,
) -> None:
    prepared()
    before = printed_accounts()

    prepared(GUANTONG_DEMO="no")

    assert before > 0
    assert printed_accounts() == 0


def test_a_real_province_greets_without_a_printed_password(prepared: Any, capsys: Any) -> None:
    prepared(GUANTONG_DEMO="no")
    prepared()

    supervisor._greet("http://127.0.0.1:1/", replaying=False)

    assert DEMO_PASSWORD not in capsys.readouterr().out
    assert not User.objects.exists()
