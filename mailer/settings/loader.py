"""From the settings file, the environment and ``--set`` to ``Settings``.

Order: ``--set``, environment, file, default. All problems are collected and raised
at once, in German, each with its line or its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mailer.errors import SettingsInvalid
from mailer.settings import model, rules, secret_values
from mailer.settings.draft import Draft
from mailer.settings.fields import (
    CLOSED,
    SECRETS,
    SERIES,
    TABLES,
    VENUE,
    VENUE_FACTS,
)
from mailer.settings.origins import Entry, Loaded
from mailer.settings.overlay import (
    overlay,
    place_of,
    refuse_secret_flags,
    refuse_strangers,
)
from mailer.settings.parsers import Unfit
from mailer.settings.source import Source, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ORDER: Final = (
    "network",
    "coordinator",
    "sender",
    "venues",
    "series",
    "holidays",
    "closed",
    "database",
    "smtp",
    "policy",
    "web",
    "inbox",
    "letters",
    "keys",
)
"""How people meet the tables: the order of the example file."""


def load(path: Path, environ: Mapping[str, str], *, flags: Mapping[str, str]) -> Loaded:
    """Return the settings of *path*, overridden by *environ* and *flags*.

    Args:
        path: The TOML file; relative paths in it begin in its folder.
        environ: The environment; ``MIA_<TABLE>_<KEY>`` and secrets are read.
        flags: From ``--set``, by dotted key.

    Raises:
        SettingsMissing: There is no such file.
        SettingsInvalid: It has problems; all of them are told.
        UsageRefused: A secret was given by ``--set``.
    """
    refuse_secret_flags(flags)
    return build(read(path.absolute()), environ, flags=flags)


def build(
    source: Source, environ: Mapping[str, str], *, flags: Mapping[str, str]
) -> Loaded:
    """Return the settings of a *source* that has been read.

    Raises:
        SettingsInvalid: It has problems; all of them are told.
    """
    draft = Draft(source, dict(overlay(environ, flags)))
    refuse_strangers(draft, environ)
    _read_venues(draft)
    for name, fields in TABLES.items():
        found = source.values.get(name, {})
        draft.tables[name] = draft.read_table(
            name, found, fields, inner=[SECRETS[name]] if name in SECRETS else []
        )
    for name, fields in (("series", SERIES), ("closed", CLOSED)):
        rows = draft.read_array(name, fields)
        draft.tables[name] = {str(number): row for number, row in enumerate(rows)}
    if not draft.tables["series"] and draft.is_sound("series"):
        draft.blame("series", "Es fehlt eine Terminreihe [[series]].")
    rules.check(draft)
    password, secret, warnings = _read_secrets(draft, environ)
    if draft.problems:
        raise SettingsInvalid(draft.sentences())
    settings = _settings(draft, password, secret)
    ordered = sorted(draft.entries.items(), key=lambda found: _rank(found[0]))
    return Loaded(settings, dict(ordered), warnings)


def _rank(key: str) -> int:
    return ORDER.index(key.partition(".")[0].partition("[")[0])


def _read_venues(draft: Draft) -> None:
    found = draft.source.values.get("venues", {})
    venues: dict[str, Any] = {}
    if not isinstance(found, dict) or not found:
        draft.blame("venues", "Es fehlt ein Ort [venues.NAME].")
        found = {}
    for key, table in found.items():
        name = f"venues.{key}"
        values = draft.read_table(name, table, VENUE, inner=["facts"])
        inner = table.get("facts", {}) if isinstance(table, dict) else {}
        facts = draft.read_table(f"{name}.facts", inner, VENUE_FACTS)
        venues[key] = {**values, "facts": facts}
    draft.tables["venues"] = venues


def _read_secrets(
    draft: Draft, environ: Mapping[str, str]
) -> tuple[str, bytes, tuple[str, ...]]:
    password = _read_secret(draft, "smtp.password", environ)
    secret = _read_secret(draft, "keys.secret", environ)
    key = b""
    if secret is not None and not secret.text:
        ways = place_of("keys.secret", {}).ways
        draft.blame("keys.secret", f"Der geheime Schlüssel fehlt. {ways}.")
    elif secret is not None:
        try:
            key = secret_values.as_key(secret)
        except Unfit as error:
            draft.blame("keys.secret", str(error))
    user = draft.tables["smtp"].get("user")
    if user and password is not None and not password.text:
        ways = place_of("smtp.password", {}).ways
        draft.blame("smtp.user", f"Zu diesem Namen fehlt das Passwort. {ways}.")
    found = [one for one in (password, secret) if one is not None]
    warnings = tuple(one.warning for one in found if one.warning)
    return password.text if password else "", key, warnings


def _read_secret(
    draft: Draft, key: str, environ: Mapping[str, str]
) -> secret_values.Secret | None:
    """Return one secret; None if there was a problem."""
    table, _, short = key.partition(".")
    place = place_of(key, draft.tables[table])
    written = draft.source.values.get(table, {})
    if isinstance(written, dict) and short in written:
        draft.blame(key, f"Ein Geheimnis darf nicht in der Datei stehen. {place.ways}.")
        return None
    try:
        secret = secret_values.find(place, environ, draft.source.path.parent)
    except Unfit as error:
        draft.blame(f"{key}", str(error))
        return None
    shown = "gesetzt" if secret.text else "nicht gesetzt"
    draft.entries[key] = Entry(shown, secret.origin)
    return secret


def _settings(draft: Draft, password: str, secret: bytes) -> model.Settings:
    """Build the frozen values; nothing can be wrong any more."""
    tables = draft.tables
    folder = draft.source.path.parent
    url = rules.located(tables["database"]["url"], folder)
    origin = draft.entries["database.url"].origin
    draft.entries["database.url"] = Entry(rules.without_password(url), origin)
    smtp = {
        key: value
        for key, value in tables["smtp"].items()
        if key not in {"password_file", "password_command", "ca_file"}
    }
    ca_file = tables["smtp"]["ca_file"]
    templates = tables["letters"]["templates"]
    return model.Settings(
        path=draft.source.path,
        network=model.Network(**tables["network"]),
        coordinator=model.Coordinator(**tables["coordinator"]),
        sender=model.Sender(**tables["sender"]),
        venues={key: _venue(key, one) for key, one in tables["venues"].items()},
        series=tuple(model.Series(**one) for one in tables["series"].values()),
        state=tables["holidays"]["state"],
        closed=tuple(model.ClosedDays(**one) for one in tables["closed"].values()),
        database=model.DatabaseSettings(**{**tables["database"], "url": url}),
        smtp=model.Smtp(
            **smtp, password=password, ca_file=folder / ca_file if ca_file else None
        ),
        policy=model.Policy(**tables["policy"]),
        web_base_url=tables["web"]["base_url"],
        inbox_address=tables["inbox"]["address"],
        templates=folder / templates if templates else None,
        secret=secret,
    )


def _venue(key: str, values: Mapping[str, Any]) -> model.Venue:
    facts = model.VenueFacts(**values["facts"])
    return model.Venue(**{**values, "key": key, "facts": facts})
