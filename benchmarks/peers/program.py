"""Our program as a peer: the example network, at a moment that stands still.

Apart from ``town``, so that a sending process holds what sending needs and no more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from mailer.application import Application
from mailer.settings import build, example_toml, parse
from subscribers.clock import FixedClock

if TYPE_CHECKING:
    from mailer.rendering.dkim import SigningKey
    from mailer.settings.model import Settings

NOW: Final = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
"""A week before the meeting."""


def settings_for(
    url: str, port: int, *, connections: int = 10, pipelining: bool = True
) -> Settings:
    """Return the example network on the database *url* and the sink at *port*."""
    source = parse(Path("/etc/mia/mia.toml"), example_toml().encode())
    flags = {
        "database.url": url,
        "smtp.host": "127.0.0.1",
        "smtp.port": str(port),
        "smtp.security": "plain",
        "smtp.return_paths": "signed",
        "web.base_url": "https://mia.example",
    }
    loaded = build(source, {"MIA_SECRET": "00" * 32}, flags=flags).settings
    return replace(
        loaded,
        smtp=replace(loaded.smtp, connections=connections, pipelining=pipelining),
    )


def application_for(settings: Settings) -> Application:
    """Return the program, at a fixed moment a week before the meeting."""
    return Application(settings, FixedClock(NOW))


def signing_keys(algorithm: str) -> tuple[SigningKey, ...]:
    """Return a new key of one *algorithm*: "rsa" or "ed25519"."""
    # The other runs need no cryptography.
    from mailer.rendering import signing_keys as keys  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        keys.make(Path(folder), "bench")
        both = keys.load(Path(folder), "bench", "mia.example")
    return tuple(one for one in both if one.algorithm.startswith(algorithm))
