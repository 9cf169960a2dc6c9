#!/bin/sh
# Install Guantong from this bundle, without any network: sh install.sh /opt/guantong
# Needs the Python the bundle was made for (see its name), with its venv module.
set -eu

target=${1:?"name the folder to install into: sh install.sh /opt/guantong"}
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}

cd "$here"
sha256sum --check --quiet SHA256SUMS || {
    echo "The bundle is damaged. Copy it again and compare its .sha256 file." >&2
    exit 2
}
if [ -e "$target" ] && [ ! -x "$target/bin/guantong" ]; then
    echo "$target is there and is no installation of Guantong. Name another folder." >&2
    exit 2
fi
"$python" -m venv "$target"
pip() { "$target/bin/python" -m pip --disable-pip-version-check --quiet --no-cache-dir "$@"; }
pip install --no-index --find-links wheels --require-hashes -r requirements.lock
pip install --no-index --no-deps --force-reinstall wheels/guantong-*.whl
cp -r verify_audit.py docs systemd "$target/"

echo "Installed: $("$target/bin/guantong" --version)"
echo "Start it:  GUANTONG_HOME=/var/lib/guantong $target/bin/guantong up"
echo "As a service: the units in systemd/, see docs/install_offline.md"
