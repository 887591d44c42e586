"""Draining the outbox before a person's eyes: progress, Ctrl-C, the final table."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

import click

from mailer.commands import outbox_rows
from mailer.commands.terminal import count, note, number, table
from mailer.errors import ExitCode, TransportError
from mailer.logs import LogEvent, log
from mailer.outbox import report
from mailer.outbox.conduct import PauseScope
from mailer.outbox.lanes import Watch
from mailer.outbox.overview import overview
from mailer.outbox.states import DeliveryState
from mailer.rounds.sweeping import settle
from mailer.settings import OnDoubt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mailer.application import Application
    from mailer.outbox.report import Tally, Trouble
    from mailer.settings.model import Smtp
    from mailer.transport.server_facts import ServerFacts
    from subscribers.clock import Clock

SHOWN_TROUBLES: Final = 20
"""Lines of trouble after a run; the rest is in ``mia outbox status``."""

STOPS: Final = (signal.SIGINT, signal.SIGTERM)
"""How a person, or the system, asks to stop."""

PATIENCE: Final = timedelta(minutes=2)
"""A pause of the pace that somebody before a screen sits through: it covers a limit
per minute. For an hour or a day the next run goes on."""

STOPPING: Final = "Wird beendet: was gerade übertragen wird, wird noch fertig …"

ALL_SO_FAR: Final = "Alle Briefe bisher"
"""Stands above the final table if it counts more than this run has sent."""

ALWAYS_SHOWN: Final = (
    DeliveryState.ACCEPTED,
    DeliveryState.DEFERRED,
    DeliveryState.REFUSED,
    DeliveryState.SKIPPED,
    DeliveryState.UNCERTAIN,
)
"""Rows of the final table that are there even with a zero."""


def first_ready(app: Application) -> tuple[Smtp, ServerFacts]:
    """Connect to the relays in their order and log in, until one is ready.

    Nothing is sent. What is wrong with those before it is told.

    Returns:
        The first one that is ready, and what it says of itself.

    Raises:
        SettingsInvalid: No relay is set.
        TransportError: None can be used; what the first one said.
    """
    failures: list[TransportError] = []
    for relay in app.relays:
        try:
            facts = asyncio.run(app.connection(relay).check())
        except TransportError as error:
            failures.append(error)
        else:
            for failure in failures:
                note(failure.sentence)
            return relay, facts
    raise failures[0]


def send(app: Application, occasions: Collection[str] | None) -> ExitCode:
    """Send what is due for *occasions* (None: for all) and print how it went.

    Returns:
        OK if nothing is open; TRY_AGAIN if a later run has something to do;
        INTERRUPTED after Ctrl-C.

    Raises:
        TransportError: The relay cannot be used; the table was printed before.
    """
    watch = Watch(only=occasions)
    with app.database.reading() as db:
        waiting = report.tally(db, occasions).open
    try:
        with progress(waiting) as watch.told:
            asyncio.run(_drain(app, watch))
    finally:
        zone = app.settings.series[0].zone
        settle(app.database, zone=zone, now=app.clock.now())
        with app.database.reading() as db:
            told = report.tally(db, occasions)
            troubles = report.troubles(db, occasions)
        click.echo(result(told, ALL_SO_FAR if occasions is None else "Ergebnis"))
        for line in explained(troubles):
            click.echo(line)
        resends = app.settings.policy.on_doubt is OnDoubt.RESEND
        for sentence in outbox_rows.doubts(troubles, resends=resends):
            note(sentence)
        for sentence in _hindrances(app, watch):
            note(sentence)
    if watch.stopping:
        note("Abgebrochen. Nichts ist verloren: „mia outbox send“ macht weiter.")
        return ExitCode.INTERRUPTED
    return ExitCode.TRY_AGAIN if told.open else ExitCode.OK


def result(told: Tally, title: str) -> str:
    """Return the final table."""
    rows = [
        (german, number(told.states.get(state, 0)))
        for state, german in report.GERMAN.items()
        if state in ALWAYS_SHOWN or told.states.get(state)
    ]
    if told.second_copies:
        rows.append(("davon zweites Exemplar", number(told.second_copies)))
    return table([*rows, ("zusammen", number(told.total))], [title, "Anzahl"])


def explained(troubles: Collection[Trouble]) -> list[str]:
    """Return a sentence for each trouble, the first ones only if there are many."""
    lines = [
        f"{trouble.address or 'gelöscht'}: {_what(trouble)}"
        + (f" ({trouble.why.rstrip('.')})" if trouble.why else "")
        for trouble in list(troubles)[:SHOWN_TROUBLES]
    ]
    more = len(troubles) - len(lines)
    if more > 0:
        rest = count(more, "weitere Zustellung", "weitere Zustellungen")
        lines.append(f"… und {rest}; alle zeigt „mia outbox status“.")
    return ["", *lines] if lines else []


def _what(trouble: Trouble) -> str:
    german = report.GERMAN[trouble.state]
    return f"{german}, zweites Exemplar" if trouble.copies > 1 else german


async def _drain(app: Application, watch: Watch) -> None:
    """Send until nothing is left that may leave, or until somebody presses Ctrl-C."""
    stopped = asyncio.Event()

    def stop() -> None:
        if not watch.stopping:
            watch.stopping = True
            stopped.set()
            note(f"\n{STOPPING}")

    loop = asyncio.get_running_loop()
    before = {name: signal.getsignal(name) for name in STOPS}
    for name in STOPS:
        loop.add_signal_handler(name, stop)
    try:
        await app.send_out(watch)
        while await _pace_allows_more(app.clock, watch, stopped):
            await app.send_out(watch)
    finally:
        # Who called us may have handlers: they hold again, without a gap.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        for name, handler in before.items():
            loop.remove_signal_handler(name)
            signal.signal(name, handler or signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


async def _pace_allows_more(clock: Clock, watch: Watch, stopped: asyncio.Event) -> bool:
    """Wait for the pace if that takes no longer than ``PATIENCE``."""
    if watch.free_at is None or stopped.is_set():
        return False
    wait = watch.free_at - clock.now()
    if wait > PATIENCE:
        return False
    seconds = max(0.0, wait.total_seconds())
    log(LogEvent.PACE_REACHED, seconds=seconds)
    pause = count(ceil(seconds), "Sekunde", "Sekunden")
    note(f"\nDas eingestellte Tempo ist ausgeschöpft: in {pause} geht es weiter.")
    with suppress(TimeoutError):
        await asyncio.wait_for(stopped.wait(), seconds)
    # A clock that stands still (MIA_NOW) never comes to the moment.
    return not stopped.is_set() and clock.now() >= watch.free_at


def _hindrances(app: Application, watch: Watch) -> Iterator[str]:
    """Yield a sentence for all that keeps letters back."""
    zone = app.settings.series[0].zone
    if watch.free_at is not None:
        yield (
            "Das eingestellte Tempo ist ausgeschöpft; nichts ist verloren. Ab "
            f"{outbox_rows.moment(watch.free_at, zone)} macht „mia outbox send“ weiter."
        )
    with app.database.reading() as db:
        seen = overview(db, now=app.clock.now())
    for one in seen.held:
        yield outbox_rows.held(one)
    for pause in seen.pauses:
        # Of the only relay there is, the error itself has told.
        if pause.scope is not PauseScope.RELAY or app.settings.relays:
            yield outbox_rows.paused(pause, zone)


@contextmanager
def progress(length: int) -> Iterator[Callable[[], None]]:
    """Show a bar with the rate on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    began = time.monotonic()
    done = 0
    with click.progressbar(
        length=length,
        label="Senden",
        file=sys.stderr,
        show_eta=length > 1,
        show_pos=True,
        item_show_func=lambda rate: rate,
    ) as bar:

        def told() -> None:
            nonlocal done
            done += 1
            bar.update(1, rate(done, time.monotonic() - began))

        yield told


def rate(letters: int, seconds: float) -> str:
    """Return how fast it goes, for the bar.

    Example:
        >>> rate(30, 4.0), rate(3, 60.0)
        ('7,5 je Sekunde', '3,0 je Minute')
    """
    per_second = letters / max(seconds, 0.001)
    value, unit = (per_second, "Sekunde")
    if per_second < 1:
        value, unit = (per_second * 60, "Minute")
    return f"{value:.1f} je {unit}".replace(".", ",")
