"""Our engine from the ledger to the ledger: one run of one worker, as JSON."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import cli
from benchmarks.peers import program
from benchmarks.peers.watching import Meter
from mailer.outbox import ways  # noqa: F401 - see where the clock begins
from mailer.outbox.lanes import Watch


def main() -> None:
    """Drain the ledger and print what it took."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--url", required=True)
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--connections", type=int, default=10)
    asked.add_argument("--steps", action="store_true", help="without PIPELINING")
    asked.add_argument("--dkim", choices=["rsa", "ed25519"])
    given = asked.parse_args()
    settings = program.settings_for(
        given.url,
        given.port,
        connections=given.connections,
        pipelining=not given.steps,
    )
    application = program.application_for(settings)
    if given.dkim:
        application.signing_keys = program.signing_keys(given.dkim)
    sent = 0

    def told() -> None:
        nonlocal sent
        sent += 1

    gc.set_threshold(cli.NEW_OBJECTS)  # as the front door does
    # Loaded and opened before the clock runs, as a service has it, and as the peers do.
    _ = application.database
    _ = application.worker(application.connection(settings.smtp))
    with Meter() as meter:
        asyncio.run(application.send_out(Watch(told=told)))
    meter.report(sent)


if __name__ == "__main__":
    main()
