"""How fast letters leave, beside the physical limit and two good peers, in one run.

The same letter to the same people, over loopback to postfix's smtp-sink, which takes
everything: next door, and twenty milliseconds away. Ours goes the whole way: claim,
write, mark, send, record, with every mark and answer durable. The peers render, build
and send; they remember nothing. And ours again on a disk that takes 5 ms for a sync,
beside itself with a commit for each step of each letter (a tenth of the letters).

All take turns, round by round, so that a busy machine slows down all of them; medians
are printed, and ratios within this run. Nothing is asserted. What is not installed is
named.

    make bench                                      # everything in this folder
    python benchmarks/delivery.py --recipients 2000 --rounds 1
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.peers import program, slow_disk, town
from benchmarks.peers.sink import found, needed, sink
from tests.postgres import FAST, find_binaries, running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PEERS: Final = Path(__file__).with_name("peers")
NODEMAILER: Final = PEERS / "nodemailer"

DURABLE: Final = {
    **FAST,
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "30",
}
"""PostgreSQL as a town would run it."""

LETTER_OCTETS: Final = 24_000
"""About what a letter of the workload has on the wire, for smtp-source."""

NEAR: Final = "0 ms away"
FAR: Final = "20 ms away"
SLOW_DISK: Final = "0 ms away, 5 ms a sync"
ROUND_TRIPS_MS: Final = {NEAR: 0, FAR: 20, SLOW_DISK: 0}
SLOW_SYNC_MS: Final = 5

SYNCS: Final = 50
"""Syncs measured, to say what a commit costs on this disk."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took.

    Attributes:
        rate: Letters a second.
        cpu: Seconds of a processor for a thousand letters; None if unknown.
        peak_mb: Memory at its highest; None if unknown.
    """

    rate: float
    cpu: float | None
    peak_mb: float | None


@dataclass(slots=True)
class Bench:
    """One run of everything.

    Attributes:
        letters: Per run; the slow ones get fewer, see ``share``.
        missing: What could not take part, and why.
    """

    letters: int
    rounds: int
    folder: Path
    found: dict[tuple[str, str], list[Measured]] = field(
        default_factory=lambda: defaultdict(list)
    )
    missing: dict[str, str] = field(default_factory=dict)

    def run(self, where: str, entries: Mapping[str, Callable[[int], Measured]]) -> None:
        """Let all *entries* take turns under the same conditions."""
        path = needed("smtp-sink")
        for _ in range(self.rounds):
            for name, entry in entries.items():
                with sink(path, round_trip_ms=ROUND_TRIPS_MS[where]) as port:
                    self.found[where, name].append(entry(port))
                print(".", end="", file=sys.stderr, flush=True)

    def source(self, connections: int) -> Callable[[int], Measured]:
        """Return the physical limit: a constant message, nothing rendered."""
        path = needed("smtp-source")

        def run(port: int) -> Measured:
            command = [
                path, "-4", "-d", "-s", str(connections), "-m", str(self.letters),
                "-l", str(LETTER_OCTETS), "-f", "mia@mia.example",
                "-t", "rita@ort.example", "-N", f"inet:127.0.0.1:{port}",
            ]  # fmt: skip
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            return Measured(self.letters / wall, used * 1000 / self.letters, None)

        return run

    def nodemailer(self, connections: int) -> Callable[[int], Measured]:
        """Return nodemailer with its pool."""

        def run(port: int) -> Measured:
            script = NODEMAILER / "pooled.mjs"
            numbers = [str(port), str(self.letters), str(connections)]
            return _reported(["node", str(script), str(self.folder), *numbers])

        return run

    def aiosmtplib(self, connections: int, letters: int) -> Callable[[int], Measured]:
        """Return aiosmtplib, one message at a time on each connection."""

        def run(port: int) -> Measured:
            return _reported(
                [
                    sys.executable, str(PEERS / "aiosmtplib_alone.py"),
                    "--folder", str(self.folder), "--port", str(port),
                    "--recipients", str(letters), "--connections", str(connections),
                ]
            )  # fmt: skip

        return run

    def ours(
        self,
        url: Callable[[], str],
        *words: str,
        workers: int = 1,
        around: Mapping[str, str] | None = None,
    ) -> Callable[[int], Measured]:
        """Return our engine on a fresh ledger.

        Args:
            url: Makes the ledger and returns where it is.
            words: Further options of ``ours.py``.
            workers: Processes that share the ledger.
            around: Their environment; None for ours.
        """

        def run(port: int) -> Measured:
            options = ["--url", url(), "--port", str(port), *words]
            command = [sys.executable, str(PEERS / "ours.py"), *options]
            return _reported(*[command] * workers, around=around)

        return run


def _reported(
    *commands: Sequence[str], around: Mapping[str, str] | None = None
) -> Measured:
    """Run *commands* side by side; return what they report, taken together."""
    running = [
        subprocess.Popen(one, stdout=subprocess.PIPE, text=True, env=around)
        for one in commands
    ]
    reports = [json.loads(one.communicate()[0].splitlines()[-1]) for one in running]
    sent = sum(one["sent"] for one in reports)
    return Measured(
        sent / max(one["wall"] for one in reports),
        sum(one["cpu"] for one in reports) * 1000 / sent,
        max(one["peak_mb"] for one in reports),
    )


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--recipients", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    absent = [one for one in ("smtp-sink", "smtp-source") if found(one) is None]
    if absent:
        print(f"Missing: {', '.join(absent)} (Debian: postfix). Nothing was measured.")
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mia-")))
        bench = Bench(given.recipients, given.rounds, folder)
        sqlite = _sqlite(bench)
        postgres = _postgres(bench, stack)
        print(f"A sync of this disk takes {_sync_ms(folder):.2f} ms.")
        print(
            f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
        )
        _near(bench, sqlite, postgres)
        _far(bench, sqlite, postgres)
        _slowly(bench, sqlite)
        print(file=sys.stderr)
        _show(bench)


def _near(
    bench: Bench, sqlite: Callable[[], str], postgres: Callable[[], str] | None
) -> None:
    entries = {
        "smtp-source": bench.source(10),
        "ours, SQLite FULL": bench.ours(sqlite),
        "ours, SQLite FULL, 50 connections": bench.ours(sqlite, "--connections", "50"),
        "ours, step by step": bench.ours(sqlite, "--steps"),
        "ours, DKIM Ed25519": bench.ours(sqlite, "--dkim", "ed25519"),
        "ours, DKIM RSA-2048": bench.ours(sqlite, "--dkim", "rsa"),
        "aiosmtplib": bench.aiosmtplib(10, min(bench.letters, 1000)),
    }
    if _has_nodemailer(bench):
        entries["nodemailer"] = bench.nodemailer(10)
    if postgres is not None:
        entries["ours, PostgreSQL, 50 connections"] = bench.ours(
            postgres, "--connections", "50"
        )
    bench.run(NEAR, entries)


def _far(
    bench: Bench, sqlite: Callable[[], str], postgres: Callable[[], str] | None
) -> None:
    entries = {
        "smtp-source": bench.source(10),
        "ours, SQLite FULL": bench.ours(sqlite),
    }
    if _has_nodemailer(bench):
        entries["nodemailer"] = bench.nodemailer(10)
    if postgres is not None:
        few = ("--connections", "25")
        entries["ours, PostgreSQL, 25 connections"] = bench.ours(postgres, *few)
        entries["ours, PostgreSQL, 2 workers of 25"] = bench.ours(
            postgres, *few, workers=2
        )
    bench.run(FAR, entries)


def _slowly(bench: Bench, sqlite: Callable[[], str]) -> None:
    """Measure on a slow disk; one by one fewer letters, since each takes so long."""
    around = slow_disk.environment(bench.folder, SLOW_SYNC_MS)
    if around is None:
        bench.missing["the slow disk"] = "there is no C compiler"
        return
    folder = bench.folder / "slow"
    folder.mkdir()
    few = Bench(bench.letters // 10, bench.rounds, folder)
    entries = {
        "ours, SQLite FULL, 50 connections": bench.ours(
            sqlite, "--connections", "50", around=around
        ),
        # Alone on its lane, a letter waits for two commits.
        "one by one": few.ours(
            _sqlite(few), "--connections", "1", "--steps", around=around
        ),
    }
    bench.run(SLOW_DISK, entries)


def _sqlite(bench: Bench) -> Callable[[], str]:
    """Return what makes a fresh ledger in a file."""
    master = bench.folder / "master.db"
    application = program.application_for(
        program.settings_for(f"sqlite:///{master}", 1)
    )
    seconds = town.settle_down(application, bench.letters)
    town.write_for_peers(application.unchecked_database, bench.letters, bench.folder)
    application.close()
    print(f"{bench.letters:,} letters were enqueued in {seconds:.2f} s.")

    def fresh() -> str:
        for old in bench.folder.glob("copy.db*"):
            old.unlink()
        copy = shutil.copyfile(master, bench.folder / "copy.db")
        with copy.open("rb") as file:  # or the disk writes it while letters leave
            os.fsync(file.fileno())
        return f"sqlite:///{copy}"

    return fresh


def _postgres(bench: Bench, stack: ExitStack) -> Callable[[], str] | None:
    """Return what makes a fresh ledger on PostgreSQL; None without one."""
    binaries = find_binaries()
    if binaries is None:
        bench.missing["PostgreSQL"] = "its server is not installed"
        return None
    server = stack.enter_context(running_server(binaries, DURABLE))
    import psycopg  # noqa: PLC0415 - only where it is used

    names = (f"town{number}" for number in range(1000))

    def execute(statement: str) -> None:
        link = f"host={server.folder} user=postgres dbname=postgres"
        with psycopg.connect(link, autocommit=True) as connection:
            connection.execute(statement.encode())

    execute("CREATE DATABASE master")
    application = program.application_for(program.settings_for(server.url("master"), 1))
    town.settle_down(application, bench.letters)
    application.close()

    def fresh() -> str:
        name = next(names)
        execute(f"CREATE DATABASE {name} TEMPLATE master")
        return server.url(name)

    return fresh


def _has_nodemailer(bench: Bench) -> bool:
    """Tell whether nodemailer can take part; install it if npm is there."""
    if not (NODEMAILER / "node_modules").is_dir():
        if shutil.which("npm") is None:
            bench.missing["nodemailer"] = "npm is not installed"
            return False
        quiet = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
        if subprocess.run(quiet, cwd=NODEMAILER, check=False).returncode:
            bench.missing["nodemailer"] = "npm could not install it"
            return False
    return True


def _sync_ms(folder: Path) -> float:
    """Return what bringing a few bytes to the disk takes, in milliseconds."""
    taken: list[float] = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(64))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken) * 1000


def _show(bench: Bench) -> None:
    """Print one table for each distance, with ratios to the peers."""
    for where in ROUND_TRIPS_MS:
        rates = {
            name: median(one.rate for one in runs)
            for (at, name), runs in bench.found.items()
            if at == where
        }
        print(f"\n{where:34} letters/s CPU s/1000 peak MB   ratios")
        for name, rate in rates.items():
            runs = bench.found[where, name]
            cpu = _shown([one.cpu for one in runs], "10.3f")
            peak = _shown([one.peak_mb for one in runs], "7.0f")
            print(f"{name:34} {rate:9,.0f} {cpu} {peak}   {_ratios(name, rates)}")
    for name, why in bench.missing.items():
        print(f"Missing: {name}: {why}.")


def _shown(numbers: Sequence[float | None], form: str) -> str:
    known = [one for one in numbers if one is not None]
    if not known:
        return "-".rjust(int(form.partition(".")[0]))
    return format(median(known), form)


def _ratios(name: str, rates: Mapping[str, float]) -> str:
    """Return how many times as fast *name* is as each peer of this run."""
    if not name.startswith("ours"):
        return ""
    others: Iterator[str] = (one for one in rates if not one.startswith("ours"))
    return ", ".join(f"{rates[name] / rates[one]:.2f} x {one}" for one in others)


if __name__ == "__main__":
    main()
