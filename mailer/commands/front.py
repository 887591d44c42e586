"""What the global options say, and the way from them to an application.

Every command gets a ``Front`` through ``click.pass_obj``. Nothing is read before
somebody asks, so ``mia --help`` needs neither settings nor database.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mailer.commands import later
from mailer.commands.terminal import note
from mailer.errors import SettingsInvalid, SettingsMissing
from subscribers import failpoints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.application import Application
    from mailer.logs import Log
    from mailer.settings import Loaded
    from subscribers.clock import Clock

PLACES: Final = (Path("mia.toml"), Path("/etc/mia/mia.toml"))
"""Where the settings are looked for if nobody names a file."""

NOW_VARIABLE: Final = "MIA_NOW"
"""A moment with offset at which the clock stands still, for demos and tests."""


@dataclass(slots=True)
class Front:
    """The global options of one call.

    Attributes:
        config: The file named by ``--config`` or ``MIA_CONFIG``; None if none is.
        flags: From ``--set``, by dotted key.
        verbosity: How often ``-v`` was given.
        environ: The environment.
    """

    config: Path | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    verbosity: int = 0
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _loaded: Loaded | None = None
    _application: Application | None = None
    _log: Log | None = None
    _failing: ExitStack = field(default_factory=ExitStack)

    def enter(
        self, config: Path | None, flags: Mapping[str, str], verbosity: int
    ) -> None:
        """Take the global options, and let the log speak as loudly as asked.

        Raises:
            SettingsInvalid: ``MIA_FAILPOINT`` is none.
        """
        from mailer import logs  # noqa: PLC0415 - not for --help

        self.config, self.flags, self.verbosity = config, flags, verbosity
        self._log = logs.set_up(sys.stderr, verbosity=verbosity)
        if text := self.environ.get(failpoints.VARIABLE):
            self._arm(text)

    def _arm(self, text: str) -> None:
        """Arm the failpoint of a test, and say so: nobody runs like this by chance."""
        failpoint = failpoints.parse(text)
        if failpoint is None:
            problem = (
                f"Umgebungsvariable {failpoints.VARIABLE}: „{text}“ ist keine "
                "Störstelle. Bitte schreiben Sie sie so: content.after:kill:2."
            )
            raise SettingsInvalid([problem])
        note(f"Achtung: Probe einer Störung, {failpoints.VARIABLE}={text}.")
        self._failing.enter_context(failpoints.armed(failpoint))

    def mishap(self, error: Exception) -> str:
        """Log what nobody foresaw; return a German sentence about it."""
        import logging  # noqa: PLC0415 - almost never needed
        import traceback  # noqa: PLC0415 - almost never needed

        from mailer import logs  # noqa: PLC0415 - as above

        event = logs.LogEvent.COMMAND_FAILED
        logs.log(event, level=logging.ERROR, kind=type(error).__name__)
        if self.verbosity:
            note(logs.redacted("".join(traceback.format_exception(error)).rstrip()))
            hint = "Bitte melden Sie ihn mit den Zeilen darüber."
        else:
            hint = "Mehr sagt derselbe Befehl mit „mia -v …“."
        return (
            f"Das ist ein Fehler im Programm ({type(error).__name__}), nicht in Ihrer "
            f"Eingabe. {hint}"
        )

    @property
    def path(self) -> Path:
        """The settings file: the named one, or the first that exists.

        Raises:
            SettingsMissing: There is none.
        """
        if self.config is not None:
            return self.config
        for place in PLACES:
            if place.exists():
                return place
        raise SettingsMissing(PLACES[0])

    def loaded(self) -> Loaded:
        """Return the settings and where they came from; warn once.

        Raises:
            SettingsInvalid: They have problems.
        """
        if self._loaded is None:
            from mailer.settings import load  # noqa: PLC0415 - not for --help

            self._loaded = load(self.path, self.environ, flags=self.flags)
            for sentence in self._loaded.warnings:
                note(f"Hinweis: {sentence}")
        return self._loaded

    def clock(self) -> Clock:
        """Return the clock of the machine, or the one that ``MIA_NOW`` stops.

        Raises:
            SettingsInvalid: ``MIA_NOW`` is no moment with an offset.
        """
        from datetime import datetime  # noqa: PLC0415 - not for --help

        from subscribers.clock import FixedClock, SystemClock  # noqa: PLC0415 - as above

        text = self.environ.get(NOW_VARIABLE)
        if not text:
            return SystemClock()
        try:
            return FixedClock(datetime.fromisoformat(text))
        except ValueError:
            problem = (
                f"Umgebungsvariable {NOW_VARIABLE}: „{text}“ ist kein Zeitpunkt mit "
                "Zeitzone. Bitte schreiben Sie ihn so: 2026-11-26T09:00:00+01:00."
            )
            raise SettingsInvalid([problem]) from None

    def application(self) -> Application:
        """Return the application of this call, put together once.

        Raises:
            SettingsInvalid: The settings have problems.
        """
        if self._application is None:
            from mailer.application import Application  # noqa: PLC0415 - not for --help

            later.read()
            self._application = Application(self.loaded().settings, self.clock())
            if not gc.isenabled():
                gc.freeze()  # all that is loaded stays: there is no garbage in it
                gc.enable()
        return self._application

    def reloaded(self) -> Application:
        """Return a new application with the settings as they are now.

        The one before is still in use: whoever asks for a new one closes it.

        Raises:
            SettingsInvalid: They have problems; nothing has changed then.
        """
        fresh = Front(self.config, self.flags, self.verbosity, self.environ)
        application = fresh.application()
        self._loaded, self._application = fresh._loaded, application
        return application

    def close(self) -> None:
        """Give back what the application holds, and the log its silence."""
        self._failing.close()
        if self._log is not None:
            self._log.quiet()
            self._log = None
        if self._application is not None:
            self._application.close()
