"""Whom an installation trusts: added and taken back by a named administrator, each with a leaf."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.kernel.packages.archive.package_file import key
from tests.province import person

from guantong.audit import api as audit
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.packages import api as packages
from guantong.packages.api import PublisherRefused
from guantong.packages.archive import publisher
from guantong.packages.archive.publisher import LONGEST
from guantong.packages.archive.publisher_models import TrustedPublisher

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = machine_now()
TAIZHOU = key("Taizhou")


@pytest.fixture
def administrator(province: Any) -> UUID:
    return person("emergency@33", "head").id


def trust(by: UUID, **given: Any) -> packages.Publisher:
    known = given.pop("key", TAIZHOU.to_hand_out)
    times = {"since_at": NOW - DAY, "until_at": NOW + 100 * DAY, "at": NOW} | given
    return packages.trust_publisher(known, by=by, **times)


def refusal(by: UUID, **given: Any) -> str:
    with pytest.raises(PublisherRefused) as caught:
        trust(by, **given)
    assert caught.value.sentence("zh-CN") != caught.value.sentence()
    return caught.value.sentence()


def test_an_administrator_trusts_a_key_and_the_log_names_who(administrator: UUID) -> None:
    found = trust(administrator)

    assert packages.publishers() == (found,)
    assert found.public == TAIZHOU.public
    (leaf,) = audit.history("publisher", found.id)
    assert (leaf.act, leaf.actor) == ("trust", f"person:{administrator}")


def test_nobody_else_says_whom_the_platform_trusts(province: Any) -> None:
    for by in (person("emergency@331081", "head").id, person("emergency@33").id, new_id()):
        assert "only who administers the platform" in refusal(by)
    assert packages.publishers() == ()


@pytest.mark.parametrize(
    ("since", "until"),
    [(DAY, DAY), (DAY, 0 * DAY), (-9 * DAY, -DAY), (0 * DAY, LONGEST + DAY)],
)
def test_a_key_counts_for_some_years_at_most_and_not_in_the_past_alone(
    administrator: UUID, since: timedelta, until: timedelta
) -> None:
    assert "for at most 3 years" in refusal(
        administrator, since_at=NOW + since, until_at=NOW + until
    )


def test_a_key_is_withdrawn_with_a_reason_once_and_for_ever(administrator: UUID) -> None:
    found = trust(administrator)

    gone = packages.withdraw_publisher(found.id, by=administrator, because="stolen", at=NOW)
    again = packages.withdraw_publisher(
        found.id, by=administrator, because="once more", at=NOW + DAY
    )

    assert gone.withdrawn_at == again.withdrawn_at == NOW
    assert "a withdrawn key never comes back" in refusal(administrator)
    assert [leaf.act for leaf in audit.history("publisher", found.id)] == ["trust", "withdraw"]


def test_a_withdrawal_needs_a_reason_a_publisher_and_an_administrator(administrator: UUID) -> None:
    found = trust(administrator)
    stranger = person("emergency@331081", "head").id

    for id, by, because, part in (
        (found.id, administrator, "  ", "a reason is needed"),
        (found.id, administrator, "x" * 201, "a reason is needed"),
        (new_id(), administrator, "x", "is trusted here"),
        (found.id, stranger, "x", "only who administers"),
    ):
        with pytest.raises(PublisherRefused, match=part):
            packages.withdraw_publisher(id, by=by, because=because, at=NOW)
    assert packages.publishers()[0].withdrawn_at is None


def test_a_key_is_trusted_once(administrator: UUID) -> None:
    trust(administrator)

    assert "is trusted already" in refusal(administrator)


def test_a_publisher_is_found_by_name_or_by_the_beginning_of_the_fingerprint(
    administrator: UUID,
) -> None:
    first = trust(administrator)
    second = trust(administrator, key=key("Taizhou", "sm2").to_hand_out)
    print_of = packages.fingerprint(second.algorithm, second.public)

    assert packages.publisher_named(print_of[:14]) == second
    with pytest.raises(PublisherRefused, match="has several keys"):
        packages.publisher_named("Taizhou")
    with pytest.raises(PublisherRefused, match="no publisher 'Nobody'"):
        packages.publisher_named("Nobody")
    packages.withdraw_publisher(second.id, by=administrator, because="old", at=NOW)
    assert packages.publisher_named("Taizhou") == first


@pytest.mark.django_db(transaction=True)
def test_a_key_put_in_behind_the_log_is_found_by_the_check(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEYS, settings.HEADS = tmp_path, tmp_path
    # Who may is asked above; without a province nobody may.
    monkeypatch.setattr(publisher, "refuse_stranger", lambda by, at: None)
    found = trust(new_id())
    while audit.sequence():
        pass
    faults = audit.check().faults
    assert "publisher" not in {fault.kind for fault in faults}

    TrustedPublisher.objects.filter(id=found.id).update(public=key("Eve").public)

    assert (str(found.id), "publisher") in {(str(f.id), f.kind) for f in audit.check().faults}
