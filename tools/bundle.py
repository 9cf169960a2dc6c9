"""Make the bundle: one file with all that an installation without a network needs.

It holds the wheels of ``requirements.lock`` (fetched by pip, which compares their hashes), the
wheel of Guantong with its built pages and applications, the lock, the stand-alone verifier of
proofs, the units of systemd, the pages for operators, and ``install.sh``. The wheels fit the system
and the Python it was made with.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD, DIST = ROOT / "build" / "bundle", ROOT / "dist"
ALONG = {
    "requirements.lock": "requirements.lock", "LICENSE": "LICENSE",
    "deploy/bundle/install.sh": "install.sh", "deploy/systemd": "systemd",
    "docs/operating": "docs", "src/guantong/audit/verifier.py": "verify_audit.py",
}  # fmt: skip


def main() -> None:
    """Write ``dist/guantong-<version>-<python>-<system>.tar`` and its digest."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    shutil.rmtree(BUILD, ignore_errors=True)
    wheels = BUILD / "wheels"
    wheels.mkdir(parents=True)
    pip("download", "--require-hashes", "--only-binary=:all:", "--no-deps",
        "-r", ROOT / "requirements.lock", "-d", wheels)  # fmt: skip
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", wheels, ROOT)
    for source, target in ALONG.items():
        copy(ROOT / source, BUILD / target)
    sums = BUILD / "SHA256SUMS"
    listed = sorted(p for p in BUILD.rglob("*") if p.is_file())
    sums.write_text("".join(f"{digest(p)}  {p.relative_to(BUILD)}\n" for p in listed), "utf-8")
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    system = sysconfig.get_platform().replace("-", "_")
    name = f"guantong-{version}-{python}-{system}"
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{name}.tar"
    with tarfile.open(target, "w") as made:
        made.add(BUILD, arcname=name, filter=plain)
    (DIST / f"{name}.tar.sha256").write_text(f"{digest(target)}  {target.name}\n", "utf-8")
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB, {len(list(wheels.iterdir()))} wheels")


def pip(*words: object) -> None:
    """Run pip of this environment, quietly."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*command, *map(str, words)], check=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Forget who made the bundle."""
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
