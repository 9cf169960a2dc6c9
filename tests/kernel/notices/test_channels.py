"""Deliveries leave through real servers on this machine, and a killed sender doubles nothing."""

import hashlib
import hmac
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from tests import province
from tests.kernel.notices.conftest import BUREAU, NOON, SHITANG, TAIPING, send
from tests.kernel.notices.loopback import PostOffice, Receiver, post_office, receiver
from tests.province import at_once

from guantong.base.realm import LIVE, Realm
from guantong.notices import api as notices
from guantong.notices import channel, errors, hook, sender
from guantong.notices.delivery import Answer
from guantong.notices.models import Channel, Delivery, PreferenceRow

LATER = NOON + timedelta(minutes=2)
SECRET = "s3cret"


@pytest.fixture
def system() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def mail_server() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


Declare = Callable[[str], Path]


def hooked(declare: Declare, system: Receiver, tmp_path: Path, more: str = "") -> None:
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    declare(
        f"address: https://guantong.example.gov.cn\nchannels:\n"
        f"  hook: {{type: hook, url: '{system.url}', secret_file: {tmp_path}/secret{more}}}\n"
    )


def reach(unit: str, *, mobile: str = "", mail: str = "") -> UUID:
    """Let whoever is on duty in a unit have an address, and return who that is."""
    person = province.person(unit).id
    notices.choose(person, notices.STANDARD, mobile=mobile, mail=mail, at=NOON)
    return person


def work(at: object = LATER) -> int:
    return notices.deliver_due(lambda: at)  # type: ignore[arg-type, return-value]


def states() -> list[str]:
    return sorted(Delivery.objects.values_list("state", flat=True))


# The hook


@pytest.mark.django_db
def test_the_hook_gets_a_signed_envelope_with_the_key_and_the_words_of_its_reader(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    reach(SHITANG, mobile="+86 138-0000-0000")

    send(SHITANG, asks="acceptance", accept_by=NOON + timedelta(hours=4))
    work()

    ((headers, body),) = system.requests
    ((key, envelope),) = system.taken.items()
    stamp, _, signature = headers["guantong-signature"].partition(",v1=")
    signed = f"{stamp.removeprefix('t=')}.".encode() + body
    assert signature == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["idempotency-key"] == envelope["id"] == key
    assert (envelope["specversion"], envelope["type"]) == ("1.0", "guantong.notice")
    data = envelope["data"]
    assert data["to"]["mobile"] == "13800000000"
    assert data["title"] == "加强巡查"
    assert "请于2026年6月17日 20:00前签收。" in data["text"]
    assert "https://guantong.example.gov.cn/notices/" in data["text"]
    assert data["notices"][0]["accept_by"] == "2026-06-17T12:00:00+00:00"
    assert states() == ["sent"]


@pytest.mark.parametrize(
    ("status", "came"),
    [
        (200, "sent"), (202, "sent"), (204, "sent"), (409, "sent"), (400, "refused"),
        (401, "refused"), (301, "refused"), (404, "refused"), (410, "refused"), (408, "later"),
        (425, "later"), (429, "later"), (500, "later"), (503, "later"),
    ],
)  # fmt: skip
def test_what_each_answer_of_the_hook_means(status: int, came: str) -> None:
    assert hook.judge(status).came == came


@pytest.mark.parametrize(
    ("said", "minutes"), [("120", 2), ("999999", 60), ("soon", None), ("-5", None), ("٣", None)]
)
def test_a_receiver_may_ask_to_wait_for_up_to_an_hour(said: str, minutes: int | None) -> None:
    wanted = None if minutes is None else timedelta(minutes=minutes)

    assert hook.judge(503, said).wait == wanted


@pytest.mark.django_db
def test_a_receiver_that_hangs_up_without_an_answer_gets_the_same_key_again(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    system.mute = 1
    send(SHITANG)

    work()
    between = states()
    work(LATER + timedelta(minutes=1))

    assert between == ["queued"]
    assert states() == ["sent"]
    keys = [headers["idempotency-key"] for headers, _ in system.requests]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(system.taken) == 1


@pytest.mark.django_db
def test_a_dead_receiver_is_left_alone_and_tried_again_when_it_has_rested(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    system.answers = [503, 503, 503]
    for number in range(5):
        send(SHITANG, title=f"t{number}")

    work()
    asked = len(system.requests)
    work(LATER + timedelta(seconds=59))
    resting = len(system.requests)
    work(LATER + timedelta(seconds=61))

    assert (asked, resting) == (3, 3)
    assert states() == ["sent"] * 5
    assert Channel.objects.get(name="hook").failures == 0


@pytest.mark.django_db
def test_no_more_leaves_in_a_minute_than_the_channel_takes(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path, ", per_minute: 2")
    for number in range(5):
        send(SHITANG, title=f"t{number}")

    sent = []
    for seconds in (0, 30, 60, 120):
        work(LATER + timedelta(seconds=seconds))
        sent.append(len(system.taken))

    assert sent == [2, 2, 4, 5]


@pytest.mark.django_db
def test_what_is_given_up_is_shown_and_goes_out_when_somebody_tries_again(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    system.answers = [400]
    id = send(SHITANG)
    work()
    (aside,) = notices.aside_of(LIVE, id)

    notices.try_again(aside.id, by=province_id(BUREAU), at=LATER)
    work(LATER + timedelta(minutes=1))

    assert (aside.state, aside.said) == ("failed", "400")
    assert states() == ["sent"]


def province_id(unit: str) -> UUID:
    return province.person(unit).id


# What is not sent


@pytest.mark.django_db
def test_what_was_read_here_meanwhile_or_taken_back_does_not_leave(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    read, back = send(SHITANG), send(TAIPING)
    notices.read(LIVE, [province_id(SHITANG)], [read], at=NOON)
    notices.withdraw(LIVE, back, by=province_id(BUREAU), at=NOON)

    work()

    assert system.requests == []
    assert states() == ["spared", "withdrawn"]


@pytest.mark.django_db
def test_nothing_leaves_in_the_minute_in_which_it_can_be_taken_back(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    send(SHITANG)

    work(NOON + timedelta(seconds=59))
    before = len(system.requests)
    work(NOON + timedelta(seconds=60))

    assert (before, len(system.requests)) == (0, 1)


@pytest.mark.django_db
def test_an_exercise_sends_nothing_not_even_its_reminders(
    province: province.Province, realm: Realm, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    limit = NOON + timedelta(hours=1)
    id = send(SHITANG, realm=realm, urgent=True, asks="acceptance", accept_by=limit)

    notices.remind(realm, id, at=NOON, by=province_id(BUREAU))
    notices.run_due(realm, limit + timedelta(minutes=1))
    work(limit + timedelta(days=1))

    assert Delivery.objects.count() == 0
    assert system.requests == []
    assert notices.unread(realm, [province_id("area@331081")]) == 1


@pytest.mark.django_db
def test_a_night_is_quiet_its_messages_come_as_one_and_an_urgent_one_comes_at_once(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    midnight = NOON.replace(hour=16)  # 00:00 in China
    for title in ("一", "二"):
        send(SHITANG, title=title, at=midnight)
    send(SHITANG, title="红色预警", at=midnight, urgent=True)

    work(midnight + timedelta(minutes=5))
    at_night = [envelope["data"]["title"] for envelope in system.taken.values()]
    work(midnight + timedelta(hours=7))

    assert at_night == ["【紧急】红色预警"]
    digest = list(system.taken.values())[1]["data"]
    assert digest["title"] == "您有2条通知待阅"
    assert [notice["title"] for notice in digest["notices"]] == ["一", "二"]
    assert len(set(Delivery.objects.values_list("key", flat=True))) == 2


@pytest.mark.django_db
def test_whoever_wants_one_channel_only_is_told_there_only(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    none = notices.Preference(channels=())
    notices.choose(province_id(SHITANG), none, mobile="", mail="", at=NOON)

    send(SHITANG, TAIPING)

    assert list(Delivery.objects.values_list("person_id", flat=True)) == [province_id(TAIPING)]


# Mail, chats, SMS


@pytest.mark.django_db
def test_mail_goes_out_with_the_key_as_its_message_id(
    province: province.Province, declare: Declare, mail_server: PostOffice
) -> None:
    declare(
        f"channels: {{mail: {{type: mail, host: 127.0.0.1, port: {mail_server.port},"
        " security: none, from: 'Guantong <notice@zj.example.cn>'}}"
    )
    reach(SHITANG, mail="shitang@example.cn")

    send(SHITANG, title="巡查\r\nBcc: all@example.cn")
    work()

    (letter,) = mail_server.letters
    key = Delivery.objects.get().key
    assert f"Message-ID: <{key}@zj.example.cn>" in letter
    assert "To: shitang@example.cn" in letter
    assert "\nBcc:" not in letter
    assert states() == ["sent"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such reader", "failed"), ("450 greylisted", "queued")]
)
def test_a_mail_server_may_refuse_a_reader_or_ask_to_come_back(
    province: province.Province, declare: Declare, mail_server: PostOffice, answer: str, state: str
) -> None:
    declare(
        f"channels: {{mail: {{type: mail, host: 127.0.0.1, port: {mail_server.port},"
        " security: none, from: a@example.cn}}"
    )
    mail_server.rcpt = answer
    reach(SHITANG, mail="shitang@example.cn")

    send(SHITANG)
    work()

    assert states() == [state]
    assert mail_server.letters == []


@pytest.mark.django_db
def test_a_mail_server_without_starttls_gets_nothing_in_the_clear(
    province: province.Province, declare: Declare, mail_server: PostOffice
) -> None:
    declare(
        f"channels: {{mail: {{type: mail, host: 127.0.0.1, port: {mail_server.port},"
        " from: a@example.cn}}"
    )
    reach(SHITANG, mail="shitang@example.cn")

    send(SHITANG)
    work()

    assert mail_server.letters == []
    assert states() == ["queued"]


@pytest.mark.django_db
def test_an_sms_goes_out_once_and_its_silence_is_shown_to_the_sender(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    # Apprise's own JSON service stands in for the gateway of an SMS provider.
    address = tmp_path / "sms"
    address.write_text(system.url.replace("http:", "json:") + "?to={mobile}", encoding="utf-8")
    declare(f"channels: {{sms: {{type: sms, secret_file: '{address}'}}}}")
    reach(SHITANG, mobile="13800000000")
    good, lost = send(SHITANG, title="一"), send(SHITANG, title="二")
    system.answers = [0, 500]

    work()
    work(LATER + timedelta(hours=2))

    assert len(system.requests) == 2
    assert notices.aside_of(LIVE, good) == []
    assert [row.state for row in notices.aside_of(LIVE, lost)] == ["unknown"]


@pytest.mark.django_db
def test_without_an_address_a_delivery_is_laid_aside_and_says_which_is_missing(
    province: province.Province, declare: Declare, tmp_path: Path
) -> None:
    (tmp_path / "sms").write_text("json://127.0.0.1:9/", encoding="utf-8")
    declare(f"channels: {{sms: {{type: sms, secret_file: '{tmp_path}/sms'}}}}")

    send(SHITANG)
    work()

    assert [(row.state, row.said) for row in Delivery.objects.all()] == [("failed", "no-mobile")]
    assert Channel.objects.get(name="sms").failures == 0


# Killed


STEPS = {
    "after-claiming": ("_attempt", "before"),
    "after-sending": ("_record", "before"),
    "after-recording": ("_record", "after"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", list(STEPS))
def test_a_receiver_that_keeps_keys_takes_it_once_wherever_the_sender_is_killed(
    province: province.Province,
    declare: Declare,
    system: Receiver,
    tmp_path: Path,
    step: str,
) -> None:
    hooked(declare, system, tmp_path)
    send(SHITANG)

    _killed(*STEPS[step])
    work()

    assert len(system.taken) == 1
    assert states() == ["sent"]
    assert len(system.requests) == (2 if step == "after-sending" else 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("step", "state", "left"),
    [("after-claiming", "unknown", 0), ("after-sending", "unknown", 1),
     ("after-recording", "sent", 1)],
)  # fmt: skip
def test_an_sms_is_never_sent_twice_wherever_the_sender_is_killed(
    province: province.Province,
    declare: Declare,
    system: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    state: str,
    left: int,
) -> None:
    declare("channels: {sms: {type: sms, secret_file: /dev/null}}")
    reach(SHITANG, mobile="13800000000")
    send(SHITANG)

    def gateway(setting: channel.Setting, parcel: channel.Parcel) -> Answer:
        return hook.send(replace(setting, url=system.url), parcel)

    monkeypatch.setattr(sender.deliver_due, "__kwdefaults__", {
        **sender.deliver_due.__kwdefaults__, "sends": {"sms": gateway},
    })  # fmt: skip

    _killed(*STEPS[step])
    work()
    work(LATER + timedelta(days=1))

    assert states() == [state]
    assert len(system.requests) == left


def _killed(name: str, when: str) -> None:
    """Let a process send what is due and kill it (-9) before or after one of its steps."""
    child = os.fork()
    if child == 0:
        # The parent's connection stays the parent's: it is kept, never closed, never used.
        kept = connection.connection
        connection.connection = None
        whole = getattr(sender, name)

        def die(*given: object) -> object:
            answer = whole(*given) if when == "after" else None
            os.kill(os.getpid(), signal.SIGKILL)
            return (answer, kept)

        setattr(sender, name, die)
        try:
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the sender was not killed where it should have been"


@pytest.mark.django_db
def test_what_a_living_sender_holds_is_not_taken_for_left_behind(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path)
    send(SHITANG)
    settled: list[int] = []

    def slow(setting: channel.Setting, parcel: channel.Parcel) -> object:
        settled.append(sender.settle(LATER, channel.channels()))
        return hook.send(setting, parcel)

    notices.deliver_due(lambda: LATER, sends={"hook": slow})  # type: ignore[dict-item]

    assert settled == [0]
    assert len(system.requests) == 1


# The file, the addresses


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("channels: [", "not YAML"),
        ("chanels: {}", "only 'address' and 'channels'"),
        ("address: ftp://x", "address"),
        ("channels: {Mail: {type: mail}}", "small letters"),
        ("channels: {m: {type: pigeon}}", "m.type: one of hook, mail"),
        ("channels: {m: {type: mail, host: h}}", "m.from: missing"),
        (
            "channels: {m: {type: mail, host: h, from: a@b.cn, password: x}}",
            "m.password: not known",
        ),
        ("channels: {h: {type: hook, url: 'file:///etc/passwd'}}", "h.url: http or https"),
        ("channels: {h: {type: hook, url: 'http://u:p@x/'}}", "without a name or password"),
        ("channels: {h: {type: hook, url: 'http://x/', per_minute: 0}}", "h.per_minute"),
        ("channels: {m: {type: mail, host: h, from: a@b.cn, security: some}}", "m.security"),
    ],
)
def test_a_wrong_file_of_channels_is_refused_with_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(errors.BadChannels) as refused:
        channel.parse(text)

    assert why in str(refused.value)


def test_without_a_file_there_are_no_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUANTONG_CHANNELS", raising=False)

    assert notices.channels().settings == {}


@pytest.mark.django_db
def test_addresses_stand_sealed_in_the_store_and_not_in_the_log(
    province: province.Province,
) -> None:
    person = reach(SHITANG, mobile="13800000000", mail="shitang@example.cn")

    row = PreferenceRow.objects.get(person_id=person)

    assert notices.own_addresses(person) == ("13800000000", "shitang@example.cn")
    assert row.mobile.startswith("gs1.")
    assert row.mail.startswith("gs1.")
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from audit_leaf where position('1380000'::bytea in encoded) > 0"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("field", "text"),
    [("mobile", "1380000"), ("mobile", "12800000000"), ("mobile", "13800000000;"),
     ("mail", "shitang"), ("mail", "a@b"), ("mail", "a b@example.cn"), ("mail", "a@b.cn\nBcc: c")],
)  # fmt: skip
def test_what_is_no_address_is_refused(field: str, text: str) -> None:
    given = {"mobile": "", "mail": "", field: text}

    with pytest.raises(errors.BadAddress, match="Type eleven digits"):
        notices.choose(UUID(int=1), notices.STANDARD, at=NOON, **given)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_message_once(
    province: province.Province, declare: Declare, system: Receiver, tmp_path: Path
) -> None:
    hooked(declare, system, tmp_path, ", per_minute: 1000")
    for number in range(10):
        send(SHITANG, title=f"t{number}")
    hook = list(notices.channels().settings)
    due = [notices.anything_due(LATER, names) for names in (hook, [])]
    assert (notices.anything_due(NOON, hook), due) == (False, [True, False])

    at_once(work, work, work)

    assert len(system.requests) == len(system.taken) == 10
    assert states() == ["sent"] * 10
    assert not notices.anything_due(LATER, hook)
