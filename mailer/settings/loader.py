"""From the settings file, the environment and ``--set`` to ``Settings``.

Order: ``--set``, environment, file, default. All problems are collected and raised
at once, in German, each with its line or its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mailer.errors import SettingsInvalid
from mailer.settings import model, rules, secret_values
from mailer.settings.draft import Draft
from mailer.settings.fields import (
    CLOSED,
    PROVIDER,
    RELAY,
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
    "relay",
    "provider",
    "dkim",
    "policy",
    "unanswered",
    "web",
    "inbox",
    "alarm",
    "summary",
    "network_update",
    "imprint",
    "privacy",
    "accessibility",
    "letters",
    "keys",
)
"""How people meet the tables: the order of the example file."""


ARRAYS: Final = {
    "series": SERIES,
    "closed": CLOSED,
    "relay": RELAY,
    "provider": PROVIDER,
}
"""Tables of which there may be many."""


INNER: Final = {"alarm": ["smtp"]}
"""Tables inside of tables that occur once."""


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
        inner = [SECRETS[name]] if name in SECRETS else INNER.get(name, [])
        found = written(source.values, name)
        draft.tables[name] = draft.read_table(name, found, fields, inner=inner)
    for name, fields in ARRAYS.items():
        rows = draft.read_array(
            name, fields, inner=["password"] if name == "relay" else []
        )
        draft.tables[name] = {str(number): row for number, row in enumerate(rows, 1)}
    if not draft.tables["series"] and draft.is_sound("series"):
        draft.blame("series", "Es fehlt eine Terminreihe [[series]].")
    rules.check(draft)
    secrets, warnings = _read_secrets(draft, environ)
    if draft.problems:
        raise SettingsInvalid(draft.sentences())
    settings = _settings(draft, secrets)
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


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What stands in no file."""

    smtp: str
    relays: tuple[str, ...]
    inbox: str
    alarm: str
    key: bytes


def _read_secrets(
    draft: Draft, environ: Mapping[str, str]
) -> tuple[_Secrets, tuple[str, ...]]:
    smtp = _read_password(draft, "smtp", environ)
    relays = [
        _read_password(draft, f"relay[{number}]", environ)
        for number in draft.tables["relay"]
    ]
    inbox = _read_password(draft, "inbox", environ)
    alarm = _read_password(draft, "alarm.smtp", environ)
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
    found = [one for one in (smtp, *relays, inbox, alarm, secret) if one is not None]
    warnings = tuple(one.warning for one in found if one.warning)
    given = _Secrets(
        smtp=smtp.text if smtp else "",
        relays=tuple(one.text if one else "" for one in relays),
        inbox=inbox.text if inbox else "",
        alarm=alarm.text if alarm else "",
        key=key,
    )
    return given, warnings


def _read_password(
    draft: Draft, table: str, environ: Mapping[str, str]
) -> secret_values.Secret | None:
    """Return the password of a mail server; blame a login that lacks it."""
    password = _read_secret(draft, f"{table}.password", environ)
    found = _table(draft, table)
    # Reading always needs a login; its name has a default, so the host tells.
    needs = found.get("host") if table == "inbox" else found.get("user")
    has_token = bool(found.get("token_command"))
    if needs and not has_token and password is not None and not password.text:
        ways = place_of(f"{table}.password", {}).ways
        draft.blame(f"{table}.user", f"Zu diesem Namen fehlt das Passwort. {ways}.")
    return password


def _read_secret(
    draft: Draft, key: str, environ: Mapping[str, str]
) -> secret_values.Secret | None:
    """Return one secret; None if there was a problem."""
    table, _, short = key.rpartition(".")
    place = place_of(key, _table(draft, table))
    if short in _written(draft, table):
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


def _table(draft: Draft, name: str) -> Mapping[str, Any]:
    """Return the parsed values of "smtp" or of "relay[2]"."""
    table, _, number = name.rstrip("]").partition("[")
    found = draft.tables[table]
    return found[number] if number else found


def _written(draft: Draft, name: str) -> Mapping[str, Any]:
    """Return what the file has for "smtp" or for "relay[2]"."""
    table, _, number = name.rstrip("]").partition("[")
    found = written(draft.source.values, table)
    if number and isinstance(found, list):
        found = found[int(number) - 1]
    return found if isinstance(found, dict) else {}


def written(values: Mapping[str, Any], name: str) -> object:
    """Return what the file has for "smtp" or "alarm.smtp"; an empty table for none."""
    outer, _, name = name.rpartition(".")
    found = written(values, outer) if outer else values
    return found.get(name, {}) if isinstance(found, dict) else {}


def _settings(draft: Draft, secrets: _Secrets) -> model.Settings:
    """Build the frozen values; nothing can be wrong any more."""
    tables = draft.tables
    folder = draft.source.path.parent
    url = rules.located(tables["database"]["url"], folder)
    origin = draft.entries["database.url"].origin
    draft.entries["database.url"] = Entry(rules.without_password(url), origin)
    templates = tables["letters"]["templates"]
    return model.Settings(
        path=draft.source.path,
        **{name: kind(**tables[name]) for name, kind in _AS_THEY_ARE.items()},
        venues={key: _venue(key, one) for key, one in tables["venues"].items()},
        series=tuple(model.Series(**one) for one in tables["series"].values()),
        state=tables["holidays"]["state"],
        closed=tuple(model.ClosedDays(**one) for one in tables["closed"].values()),
        database=model.DatabaseSettings(**{**tables["database"], "url": url}),
        smtp=model.Smtp(**_server(tables["smtp"], secrets.smtp, folder)),
        relays=_relays(tables, secrets.relays, folder),
        providers=tuple(
            model.ProviderPace(**one) for one in tables["provider"].values()
        ),
        dkim=_dkim(tables["dkim"], folder),
        inbox=model.Inbox(**_server(tables["inbox"], secrets.inbox, folder)),
        alarm=model.Alarm(
            **tables["alarm"],
            smtp=model.Smtp(**_server(tables["alarm.smtp"], secrets.alarm, folder)),
        ),
        web_base_url=tables["web"]["base_url"],
        web=_web(tables["web"]),
        inbox_address=tables["inbox"]["address"],
        templates=folder / templates if templates else None,
        splice=tables["letters"]["splice"],
        secret=secrets.key,
    )


_AS_THEY_ARE: Final[Mapping[str, type[Any]]] = {
    "network": model.Network,
    "coordinator": model.Coordinator,
    "sender": model.Sender,
    "policy": model.Policy,
    "unanswered": model.Unanswered,
    "summary": model.Summary,
    "network_update": model.NetworkUpdate,
    "imprint": model.Imprint,
    "privacy": model.Privacy,
    "accessibility": model.Accessibility,
}
"""Tables whose values are what the settings hold."""


def _relays(
    tables: Mapping[str, Any], passwords: tuple[str, ...], folder: Path
) -> tuple[model.Smtp, ...]:
    """Return the relays after the first; reports come back the one way."""
    shared = {key: tables["smtp"][key] for key in ("return_path", "return_paths")}
    return tuple(
        model.Smtp(**{**_server(one, password, folder), **shared})
        for one, password in zip(tables["relay"].values(), passwords, strict=True)
    )


def _server(table: Mapping[str, Any], password: str, folder: Path) -> dict[str, Any]:
    """Return the fields of a mail server: the password itself, paths that stand."""
    elsewhere = {"password_file", "password_command", "address"}
    fields = {key: value for key, value in table.items() if key not in elsewhere}
    for key in {"ca_file", "maildir"} & fields.keys():
        fields[key] = folder / fields[key] if fields[key] else None
    return {**fields, "password": password}


def _dkim(table: Mapping[str, Any], folder: Path) -> model.Dkim:
    return model.Dkim(**{**table, "folder": folder / table["folder"]})


def _web(table: Mapping[str, Any]) -> model.Web:
    return model.Web(**{key: one for key, one in table.items() if key != "base_url"})


def _venue(key: str, values: Mapping[str, Any]) -> model.Venue:
    facts = model.VenueFacts(**values["facts"])
    return model.Venue(**{**values, "key": key, "facts": facts})
