"""What is seen of an installation from outside: alive, ready, numbers, traces, lines, lights."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.journeys.installation import Answer, Installation, installation
from tests.journeys.old_release import Person, Up, at_work, left_by

from guantong.main.backup import machine_time
from guantong.main.metrics import values
from guantong.main.supervisor import KEPT_LOGS, turn_over

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("observe")]

TOKEN = "a-token-of-the-operator-42"
TYPED = "Chen Jianguo 13857612345"


class Collector(ThreadingHTTPServer):
    """A collector of traces that keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        kept = self.sent

        class Keep(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                kept.append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Keep)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    with installation() as made:
        left_by("0.1.0", made)
        yield made


@pytest.fixture(scope="module")
def up(own: Installation, collector: Collector) -> Iterator[Up]:
    """An installation at work that is watched in every way."""
    with at_work(
        own, GUANTONG_METRICS_TOKEN=TOKEN, OTEL_BSP_SCHEDULE_DELAY="200",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
    ) as running:  # fmt: skip
        yield running


def numbers(up: Up, port: int = 0) -> dict[str, float]:
    status, text = up.get("/metrics", port=port, Authorization=f"Bearer {TOKEN}")
    assert status == 200
    return values(text)


def test_both_servers_say_that_they_live_and_are_ready_and_tell_strangers_no_more(up: Up) -> None:
    for port in (up.port, up.port + 1):
        assert up.get("/healthz", port=port)[0] == 200
        assert up.get("/readyz", port=port) == (200, "ready\n")
        assert up.get("/metrics", port=port)[0] == 404
        assert up.get("/metrics", port=port, Authorization="Bearer wrong")[0] == 404


def test_requests_are_counted_by_route_and_never_by_what_was_asked_for(up: Up) -> None:
    officer = Person(up, "wenling")
    before = numbers(up)
    officer.get("/search?q=Jianguo")
    up.get("/cases/nothing-like-that")

    after = numbers(up)

    counted = 'guantong_requests_total{method="GET",process="web",route="search",status="200"}'
    assert after[counted] == before.get(counted, 0) + 1
    assert not any("Jianguo" in name or "nothing-like" in name for name in after)
    assert after['guantong_request_seconds_count{process="web",route="search"}'] >= 1


def test_the_numbers_of_the_store_are_there_on_both_servers(up: Up) -> None:
    for port in (up.port, up.port + 1):
        found = numbers(up, port)

        assert found["guantong_store_up"] == 1
        assert found["guantong_workers_alive"] == 1
        assert found["guantong_facts_laid_aside"] == 1, "the fixture's"
        assert 0 < found["guantong_store_connections"] < found["guantong_store_connections_most"]
        for name in ("fact_oldest_seconds", "timer_oldest_seconds", "leaf_oldest_seconds"):
            assert f"guantong_{name}" in found


def test_a_trace_goes_from_the_page_through_the_outbox_to_whoever_hears_the_fact(
    own: Installation, up: Up, collector: Collector
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with own.store() as connection:
        row = connection.execute(
            "select id from flows_task where item = 'advise' and state = 'dispatched'"
            " and division_code = '331081000000' and realm = 'live'"
        ).fetchone()
    assert row is not None
    officer = Person(up, "wenling")
    officer.headers["traceparent"] = f"00-{trace}-00f067aa0ba902b7-01"

    officer.post(f"/tasks/{row[0]}/act", act="accept")

    # Each process sends when it comes to it.
    wanted = (b"fact TasksAccepted", b"guantong-web", b"guantong-worker")
    _patiently(lambda: all(word in b"".join(_of(collector, trace)) for word in wanted))
    said = b"".join(_of(collector, trace))
    assert b"guantong-web" in said
    assert b"guantong-worker" in said
    assert b"POST /tasks/<uuid:id>/act" in said
    assert f'"trace": "{trace}"' in (own.home / "logs" / "web.log").read_text()


def test_nothing_that_was_typed_gets_into_a_line_or_a_span(
    own: Installation, up: Up, collector: Collector
) -> None:
    officer = Person(up, "wenling")
    officer.get(f"/search?q={TYPED.replace(' ', '%20')}")
    up.get("/sign-in", **{"User-Agent": TYPED})
    Person(up, TYPED, "a wrong password of Chen Jianguo", enter=False)

    files = list((own.home / "logs").glob("*.log"))
    told = "".join(path.read_text() for path in files)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert {line["route"] for line in lines if "route" in line} >= {"/search", "/sign-in"}
    for word in (*TYPED.split(), "wenling", "password of"):
        assert word not in told, word
        assert not any(word.encode() in body for body in collector.sent), word


def test_a_store_that_another_version_was_brought_to_makes_a_process_not_ready(
    own: Installation, up: Up
) -> None:
    with own.store() as connection:
        connection.execute(
            "insert into main_upgrade (version, before, at, backup, migrations)"
            " values ('9.0', '', now(), '', '[]')"
        )
        seen = [up.get("/readyz", port=port) for port in (up.port, up.port + 1)]
        connection.execute("delete from main_upgrade where version = '9.0'")

    assert seen == [(503, "other-version\n")] * 2
    assert up.get("/readyz")[0] == 200


def checked(own: Installation, **environment: str) -> tuple[Answer, dict[str, str]]:
    answer = own.run("check", "--json", **environment)
    found = [json.loads(line) for line in answer.out.splitlines()]
    lights = {line["code"]: line["light"] for line in found if "light" in line}
    return answer, lights


def test_the_check_names_what_is_wrong_with_its_remedy_and_fails_on_red(
    own: Installation, up: Up, tmp_path: Path
) -> None:
    soon = _certificate(tmp_path / "soon.pem", days=5)
    key = own.home / "secret_key"

    answer, lights = checked(own, GUANTONG_PROT="8000", GUANTONG_CERTIFICATE=str(soon))
    key.chmod(0o644)
    _, open_to_all = checked(own)
    key.chmod(0o600)
    told = own.run("check", GUANTONG_PROT="8000").out

    assert answer.code == 1
    assert lights["setting_unknown"] == "yellow"
    assert lights["certificate"] == "red"
    assert lights["behind"] == "red", "a fact was laid aside"
    assert lights["backup_none"] == "yellow"
    assert {lights[name] for name in ("version", "keys", "disk", "clock")} == {"green"}
    assert open_to_all["key_open"] == "red"
    assert "GUANTONG_PROT is set, but nothing reads it. Look for a wrong letter" in told


def test_the_check_passes_once_all_is_put_right(own: Installation, up: Up, tmp_path: Path) -> None:
    fresh = _certificate(tmp_path / "fresh.pem", days=300)
    with own.store() as connection:
        connection.execute("update base_outboxmessage set state = 'done' where state = 'dead'")
    assert own.run("backup", tmp_path / "b.backup").code == 0

    answer, lights = checked(own, GUANTONG_CERTIFICATE=str(fresh))

    assert answer.code == 0, answer
    assert lights["backup"] == lights["certificate"] == lights["lag"] == "green"


def test_a_log_that_grew_too_long_is_put_aside_and_the_oldest_one_goes(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("a") as written:
        for number in range(KEPT_LOGS + 2):
            written.write(f"{number}\n")
            written.flush()
            with log.open("r+b") as long:
                long.truncate(30 * 1024 * 1024)
            turn_over(log)
            assert log.stat().st_size == 0
        written.write("goes on\n")

    kept = sorted(tmp_path.glob("web.log.*.gz"))
    assert len(kept) == KEPT_LOGS
    assert log.read_text() == "goes on\n"
    with gzip.open(tmp_path / "web.log.1.gz") as newest:
        assert newest.read(10).startswith(f"{KEPT_LOGS + 1}\n".encode())


def _of(collector: Collector, trace: str) -> list[bytes]:
    return [body for body in collector.sent if bytes.fromhex(trace) in body]


def _patiently(holds: object) -> None:
    import time

    until = time.monotonic() + 60
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until, "it never came"
        time.sleep(0.2)


def _certificate(path: Path, *, days: int) -> Path:
    """Write a certificate that ends in so many days and a half."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = machine_time()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, hours=12)).sign(key, hashes.SHA256())
    )  # fmt: skip
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
