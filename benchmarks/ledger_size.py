"""Does a letter cost more when the ledger remembers a million others?

The same few letters leave twice in each round: from a ledger that holds little else,
and from one that holds years of past letters, all of them accepted. Turns are taken;
medians and the ratio are printed, and the memory at its highest. Nothing is asserted.

    python benchmarks/ledger_size.py --rows 1000000
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.peers import program, town
from benchmarks.peers.sink import found, needed, sink

if TYPE_CHECKING:
    from subscribers.database import Database

PAST: Final = """
INSERT INTO delivery (
    occasion, mailbox_id, topic, style, state, tries, copies, message_id, reply_code,
    reply_text, reason, created_at, changed_at
)
WITH RECURSIVE past(n) AS (
    SELECT 0 UNION ALL SELECT n + 1 FROM past WHERE n + 1 < :rows
)
SELECT
    'edition/' || (1000 + n / :people), 1 + n % :people, 'invitations', 'standard',
    'accepted', 1, 1, '<past' || n || '@mia.example>', 250, '2.0.0 Ok: queued', '',
    '2026-01-01 09:00:00.000000', '2026-01-01 09:00:00.000000'
FROM past
"""
"""Letters of earlier editions to the same people."""

FROZEN: Final = """
INSERT INTO frozen_letter (occasion, style, subject, text, html, method, dated_at)
SELECT DISTINCT occasion, style, 'Einladung', '', '', '', created_at FROM delivery
WHERE message_id LIKE '<past%'
"""

TRIES: Final = """
INSERT INTO attempt (
    delivery_id, number, worker, started_at, finished_at, outcome, reply_code,
    reply_text
)
SELECT id, 1, 'past', created_at, changed_at, 'accept', reply_code, reply_text
FROM delivery WHERE message_id LIKE '<past%'
"""


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--letters", type=int, default=5_000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    if found("smtp-sink") is None:
        print("Missing: smtp-sink (Debian: postfix). Nothing was measured.")
        return
    with tempfile.TemporaryDirectory(prefix="mia-") as folder:
        few, many = Path(folder, "few.db"), Path(folder, "many.db")
        application = program.application_for(
            program.settings_for(f"sqlite:///{few}", 1)
        )
        town.settle_down(application, given.letters)
        application.close()
        shutil.copyfile(few, many)
        _remember(many, given.rows, given.letters)
        rates: dict[Path, list[dict[str, float]]] = {few: [], many: []}
        for _ in range(given.rounds):
            for master, runs in rates.items():
                runs.append(_sent(master))
    _show(given.letters, given.rows, *rates.values())


def _remember(file: Path, rows: int, people: int) -> None:
    """Write *rows* past letters into the ledger of *file*."""
    application = program.application_for(program.settings_for(f"sqlite:///{file}", 1))
    database: Database = application.unchecked_database
    with database.transaction() as db:
        # Each delivery points to its letter, which is written after it.
        db.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        db.execute(sa.text(PAST), {"rows": rows, "people": people})
        db.execute(sa.text(FROZEN))
        db.execute(sa.text(TRIES))
    application.close()


def _sent(master: Path) -> dict[str, float]:
    """Send what waits in a copy of *master*."""
    copy = master.with_name("copy.db")
    for old in master.parent.glob("copy.db*"):
        old.unlink()
    shutil.copyfile(master, copy)
    with copy.open("rb") as file:  # or the disk writes it while letters leave
        os.fsync(file.fileno())
    script = Path(__file__).with_name("peers") / "ours.py"
    with sink(needed("smtp-sink"), round_trip_ms=0) as port:
        command = [
            sys.executable, str(script), "--url", f"sqlite:///{copy}",
            "--port", str(port),
        ]  # fmt: skip
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    report: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return report


def _show(
    letters: int, rows: int, few: list[dict[str, float]], many: list[dict[str, float]]
) -> None:
    print(f"\n{letters:,} letters, from a ledger of   letters/s   peak MB")
    speeds: list[float] = []
    for size, runs in ((letters, few), (letters + rows, many)):
        speeds.append(median(one["sent"] / one["wall"] for one in runs))
        peak = max(one["peak_mb"] for one in runs)
        print(f"{size:>33,} {speeds[-1]:11,.0f} {peak:9,.0f}")
    print(f"Ratio: {speeds[1] / speeds[0]:.2f}")


if __name__ == "__main__":
    main()
