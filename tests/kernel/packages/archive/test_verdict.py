"""May it be installed? Every reason, the worst decides, and each edge of the time of a key."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.kernel.packages.archive.package_file import FILES, file_of, key

from guantong.base.ids import new_id
from guantong.packages.api import Archive, PrivateKey, Publisher, Verdict, judge, open_archive

NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TAIZHOU = key("Taizhou")


def trusted(signer: PrivateKey = TAIZHOU) -> Publisher:
    return Publisher(
        id=new_id(), name=signer.name, algorithm=signer.algorithm, public=signer.public,
        since=NOON - DAY, until=NOON + DAY,
    )  # fmt: skip


@pytest.fixture(scope="module")
def signed() -> Archive:
    return open_archive(file_of(FILES, TAIZHOU))


def codes(verdict: Verdict) -> tuple[str, list[str]]:
    for reason in verdict.reasons:
        assert "{" not in reason.sentence()
        assert reason.sentence("zh-CN") != reason.sentence()
    return verdict.state, [reason.code for reason in verdict.reasons]


def asked(
    archive: Archive,
    *known: Publisher,
    installed: str | None = None,
    digest: str | None = None,
    public: bytes | None = None,
    at: datetime = NOON,
) -> tuple[str, list[str]]:
    verdict = judge(
        archive, trusted=known, installed_version=installed, at=at, installed_digest=digest,
        installed_public=public,
    )  # fmt: skip
    return codes(verdict)


def test_a_package_of_a_trusted_publisher_may_be_installed(signed: Archive) -> None:
    assert asked(signed, trusted()) == ("may_install", [])


def test_a_package_nobody_signed_needs_a_named_person() -> None:
    assert asked(open_archive(file_of()), trusted()) == ("needs_approval", ["unsigned"])


def test_a_package_of_an_unknown_signer_needs_a_named_person(signed: Archive) -> None:
    assert asked(signed, trusted(key("Other"))) == ("needs_approval", ["unknown-signer"])


def test_a_known_name_with_another_key_is_refused(signed: Archive) -> None:
    assert asked(signed, trusted(key("Taizhou"))) == ("refused", ["name-of-another"])


def test_a_known_key_under_another_name_is_refused(signed: Archive) -> None:
    assert asked(signed, replace(trusted(), name="Wenling")) == ("refused", ["other-name"])


def test_the_same_bytes_of_key_under_another_algorithm_are_another_key(signed: Archive) -> None:
    assert asked(signed, replace(trusted(), name="Other", algorithm="sm2"))[1] == ["unknown-signer"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON - DAY - timedelta(microseconds=1), ("refused", ["not-yet"])),
        (NOON - DAY, ("may_install", [])),
        (NOON + DAY - timedelta(microseconds=1), ("may_install", [])),
        (NOON + DAY, ("refused", ["expired"])),
    ],
)
def test_a_key_counts_from_its_first_instant_and_not_at_its_last(
    signed: Archive, at: datetime, expected: tuple[str, list[str]]
) -> None:
    assert asked(signed, trusted(), at=at) == expected


def test_a_withdrawn_key_counts_at_no_time(signed: Archive) -> None:
    gone = replace(trusted(), withdrawn_at=NOON + timedelta(hours=1))

    assert asked(signed, gone, at=NOON) == ("refused", ["withdrawn"])


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        (None, ("may_install", [])),
        ("0.0.9", ("may_install", [])),
        ("0.1.0", ("may_install", [])),
        ("0.1.1", ("refused", ["older"])),
        ("0.10.0", ("refused", ["older"])),
        ("1.0.0", ("refused", ["older"])),
    ],
)
def test_an_older_version_never_comes_back_however_well_signed(
    signed: Archive, installed: str | None, expected: tuple[str, list[str]]
) -> None:
    assert asked(signed, trusted(), installed=installed) == expected


def test_versions_are_compared_as_numbers() -> None:
    app = FILES["app.yaml"].replace(b"0.1.0", b"0.10.0")
    archive = open_archive(file_of({"app.yaml": app}, TAIZHOU, version="0.10.0"))

    assert asked(archive, trusted(), installed="0.9.0") == ("may_install", [])
    assert asked(archive, trusted(), installed="0.11.0") == ("refused", ["older"])


def test_one_version_has_one_content(signed: Archive) -> None:
    same = signed.manifest.digest

    assert asked(signed, trusted(), installed="0.1.0", digest=same) == ("may_install", [])
    assert asked(signed, trusted(), installed="0.1.0", digest="0" * 64) == (
        "refused", ["same-version"],
    )  # fmt: skip
    assert asked(signed, trusted(), installed="0.0.9", digest="0" * 64) == ("may_install", [])


def test_hooks_are_refused_whoever_signed_them() -> None:
    archive = open_archive(file_of({**FILES, "hooks.py": b"import os\n"}, TAIZHOU))

    assert asked(archive, trusted()) == ("refused", ["hooks"])


def test_another_publisher_than_before_needs_a_named_person(signed: Archive) -> None:
    assert asked(signed, trusted(), public=TAIZHOU.public) == ("may_install", [])
    assert asked(signed, trusted(), public=key().public) == ("needs_approval", ["other-publisher"])
    assert asked(open_archive(file_of()), public=key().public) == (
        "needs_approval", ["unsigned", "other-publisher"],
    )  # fmt: skip


def test_all_reasons_are_told_and_the_worst_decides() -> None:
    archive = open_archive(file_of({**FILES, "hooks.py": b""}))

    assert asked(archive, installed="9.0.0") == ("refused", ["unsigned", "older", "hooks"])
