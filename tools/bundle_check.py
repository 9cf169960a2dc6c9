"""Install the bundle as the container file says, without any network, and start what it starts.

    make bundle && .venv/bin/python tools/bundle_check.py

There need be no container engine: each step of ``deploy/Containerfile`` is carried out in a copy
of this machine's root (an overlay, which goes away), in which the checkout is hidden, in a network
of its own that has nothing but the loopback. The machine plays the base image. Afterwards the root
is made read-only, as the units of systemd ask for, and the command of the container and those of
the units run under their account: pages must answer. Needs Linux and root.

Not held by this: what systemd and the engine themselves restrict (system calls, capabilities).
"""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# As a script and as a module of the checkout.
sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.bundle import DIST, ROOT, digest

CONTAINERFILE = ROOT / "deploy" / "Containerfile"
UNITS = ROOT / "deploy" / "systemd"
PATIENCE_SECONDS = 240
# The instructions this machine can play; another one is a fault.
KNOWN = {"ARG", "FROM", "RUN", "COPY", "ENV", "VOLUME", "USER", "STOPSIGNAL", "HEALTHCHECK",
         "ENTRYPOINT", "CMD"}  # fmt: skip
# Where the units may write: StateDirectory, ReadWritePaths, PrivateTmp.
WRITABLE = ("var/lib/guantong", "var/backups/guantong", "tmp")


class Step(NamedTuple):
    """One instruction of a container file."""

    word: str
    rest: str


def steps(text: str) -> list[Step]:
    """Return the instructions, with lines that go on joined, and without comments."""
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", plain)
    return [Step(*line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def filled(text: str, known: Mapping[str, str]) -> str:
    """Put the arguments of the file in their places; one that is not known is a fault."""
    return re.sub(r"\$\{(\w+)\}", lambda found: known[found[1]], text)


class Root:
    """A root that looks like this machine's, and may be written to without touching it."""

    def __init__(self, place: Path) -> None:
        self.path = place / "root"
        self.environment = {"PATH": f"{sys.base_prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        for name in ("upper", "work", "root", "tmp"):
            (place / name).mkdir()
        layers = f"lowerdir=/,upperdir={place / 'upper'},workdir={place / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.path)
        for name in ("proc", "dev"):
            run("mount", "--rbind", f"/{name}", self.path / name)
        self.hide("tmp")
        if (self.path / ROOT.relative_to("/")).exists():
            self.hide(str(ROOT.relative_to("/")))
        # A base image has its Python where everybody may run it.
        for folder in (Path(sys.base_prefix), *Path(sys.base_prefix).parents):
            inside = self.path / folder.relative_to("/")
            inside.chmod(inside.stat().st_mode | 0o055)

    def hide(self, name: str) -> None:
        """Let a folder be an empty one."""
        run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", self.path / name)

    def close(self) -> None:
        """Let nothing be written any more but where the units may."""
        for name in WRITABLE:
            (self.path / name).mkdir(parents=True, exist_ok=True)
            if name != "tmp":
                run("mount", "--bind", self.path / name, self.path / name)
        run("mount", "-o", "remount,ro", self.path)

    def start(
        self, command: Sequence[str], *, user: int | None = None, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a command in this root, under an account of it."""
        account = [] if user is None else [f"--userspec={user}:{user}"]
        return subprocess.Popen(
            ["chroot", *account, "--groups=", str(self.path), *command] if account
            else ["chroot", str(self.path), *command],
            env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip


def build(root: Root, bundle: Path) -> tuple[list[str], list[str], int]:
    """Carry out the steps; return the command, the question after its health, and the account."""
    known = {"BUNDLE": str(bundle.relative_to(ROOT))}
    command: list[str] = []
    health: list[str] = []
    user = 0
    for word, rest in steps(CONTAINERFILE.read_text("utf-8")):
        print(f"{word} {rest[:90]}")
        if word == "ARG":
            name, _, otherwise = rest.partition("=")
            known.setdefault(name, otherwise)
        elif word == "RUN":
            assert root.start(["sh", "-c", rest]).wait() == 0, rest
        elif word == "COPY":
            source, target = filled(rest, known).split()
            shutil.copy2(ROOT / source, root.path / target.lstrip("/"))
        elif word == "ENV":
            root.environment.update(pair.split("=", 1) for pair in shlex.split(rest))
        elif word == "USER":
            user = int(rest)
        elif word in ("ENTRYPOINT", "CMD"):
            command += json.loads(rest)
        elif word == "HEALTHCHECK":
            health = json.loads(rest[rest.index("[") :])
        else:
            assert word in KNOWN, f"a step nobody knows: {word}"
    return command, health, user


def commands_of_units() -> Iterator[tuple[str, bool, list[str], dict[str, str]]]:
    """Yield each unit's name, whether it ends by itself, its command and its environment."""
    for path in sorted(UNITS.glob("*.service")):
        unit = configparser.ConfigParser(strict=True, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read(path, "utf-8")
        service = unit["Service"]
        command = shlex.split(service["ExecStart"].replace("%i", "2"))
        given = dict(pair.split("=", 1) for pair in shlex.split(service["Environment"]))
        yield path.stem, service["Type"] == "oneshot", command, given


def check(root: Root, bundle: Path) -> None:
    """Build, start, ask; every fault ends it with its sentence."""
    command, health, user = build(root, bundle)
    state = root.path / "var/lib/guantong"
    (root.path / "var/backups/guantong").mkdir(parents=True)
    for place in (state, root.path / "var/backups/guantong"):
        os.chown(place, user, user)
        place.chmod(0o700)
    root.close()
    assert root.start(["touch", "/opt/guantong/x"], user=user).wait() != 0, "the root is read-only"

    print("container:", *command)
    running = root.start(command, user=user)
    patiently(lambda: root.start(health, user=user).wait() == 0, "the container's health")
    assert "ok" in asked(8000, "/healthz")
    page = asked(8000, "/sign-in")
    assert 'name="password"' in page, page[:400]
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert style is not None, "the sign-in page has its style"
    assert len(asked(8000, style[1])) > 1000, "the built pages are in the wheel"
    end(running)

    store = root.start(command, user=user, GUANTONG_PORT="8100")
    patiently(lambda: asked(8100, "/readyz"), "the store for the units")
    for name, ends, words, given in commands_of_units():
        if words[-1] == "up":
            continue  # the container's command
        print(f"{name}:", *words)
        unit = root.start(words, user=user, **given)
        if ends:
            assert unit.wait(PATIENCE_SECONDS) == 0, name
            continue
        if "--port" in words:
            port = int(words[words.index("--port") + 1])
            patiently(lambda port=port: asked(port, "/readyz"), name)  # type: ignore[misc]
        else:
            time.sleep(5)
        assert unit.poll() is None, f"{name} ended by itself"
        end(unit)
    end(store)
    made = list((root.path / "var/backups/guantong").iterdir())
    assert len(made) == 1, "the unit of the backup writes one"


def asked(port: int, path: str) -> str:
    """Ask for a page and return it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def patiently(true: object, what: str) -> None:
    """Wait until a question is answered; a machine that is busy may be slow."""
    assert callable(true)
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if true():
                return
        except OSError:
            pass
        assert time.monotonic() < until, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(1)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process as systemd and an engine do; it must go."""
    process.terminate()
    process.wait(120)


def run(*words: object) -> None:
    """Run a command that must succeed."""
    subprocess.run([str(word) for word in words], check=True)


def newest() -> Path:
    """Return the newest bundle, compared with its digest."""
    found = sorted(DIST.glob("guantong-*.tar"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise SystemExit("There is no bundle in dist/. Run `make bundle` first.")
    told = found[-1].with_name(f"{found[-1].name}.sha256").read_text("utf-8").split()[0]
    if digest(found[-1]) != told:
        raise SystemExit(f"{found[-1]} is not what its .sha256 says. Run `make bundle` again.")
    return found[-1]


def main() -> None:
    """Check the newest bundle, in mounts and a network of their own."""
    if "--inside" not in sys.argv:
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            raise SystemExit("Checking the bundle needs Linux, root and unshare (util-linux).")
        apart = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc"]
        newest()
        raise SystemExit(subprocess.run([*apart, sys.executable, __file__, "--inside"]).returncode)
    run("ip", "link", "set", "lo", "up")
    place = Path(tempfile.mkdtemp(prefix="guantong-bundle-", dir="/var/tmp"))
    try:
        check(Root(place), newest())
        print("The bundle installs without a network, and all that it starts answers.")
    finally:
        # The mounts are of this process's own namespace and go with it; the layers are files.
        subprocess.run(["umount", "--recursive", "--lazy", str(place / "root")], check=False)
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
