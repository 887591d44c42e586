"""What must hold between settings that are fine one by one."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from mailer.german import WEEKDAYS
from mailer.settings import providers
from mailer.settings.draft import plain
from mailer.settings.germany import ORDINALS
from mailer.settings.model import ReturnPaths, Security, Silence
from mailer.settings.net_parsers import is_loopback
from mailer.settings.origins import OriginKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mailer.settings.draft import Draft

SHORTEST_DATA_TIMEOUT: Final = timedelta(minutes=10)
"""RFC 5321, section 4.5.3.2.6: a shorter wait makes duplicates."""

MOST_BEFORE_A_TOKEN: Final = 31
"""RFC 5321, section 4.5.3.1.1: 64 octets, less "+" and a token of 32."""

MOST_OF_A_WEEKDAY: Final = 5
"""31 days have five Thursdays at most."""

A_DAY: Final = timedelta(days=1)

TWO_MONTHS: Final = timedelta(days=60)
"""A draft of a network update that comes earlier knows little of its quarter."""

LAST: Final = -1
"""``nth = -1``: the last one of a month."""


def check(draft: Draft) -> None:
    """Blame every key that does not fit the others."""
    _check_series(draft)
    _check_closed(draft)
    _check_smtp(draft)
    _check_relays(draft)
    _check_providers(draft)
    _check_way_out(draft, "alarm.smtp", draft.tables["alarm.smtp"])
    _check_dkim(draft)
    _check_inbox(draft)
    _check_leads(draft)
    _check_update(draft)
    _check_second_release(draft)
    _check_files(draft)
    _check_database(draft)


def _check_series(draft: Draft) -> None:
    keys: set[str] = set()
    for number, series in draft.tables["series"].items():
        name = f"series[{number}]"
        if (key := series.get("key")) in keys:
            draft.blame(f"{name}.key", f"Die Terminreihe „{key}“ gibt es schon.")
        if key is not None:
            keys.add(key)
        if "nth" in series and "weekday" in series:
            _check_nth(draft, f"{name}.nth", series["nth"], series["weekday"])
        if "start" in series and "end" in series and series["end"] <= series["start"]:
            draft.blame(
                f"{name}.end",
                f"Das Ende ({series['end']:%H:%M}) muss nach dem Beginn "
                f"({series['start']:%H:%M}) liegen.",
            )
        _check_venue(draft, f"{name}.venue", series.get("venue"))


def _check_nth(draft: Draft, key: str, nth: tuple[int, ...], weekday: int) -> None:
    for number in nth:
        if number == LAST or 1 <= number <= MOST_OF_A_WEEKDAY:
            continue
        which = ORDINALS.get(number, f"{number}.")
        draft.blame(
            key,
            f"Einen {which} {WEEKDAYS[weekday]} gibt es in keinem Monat. "
            "Möglich ist 1 bis 5, und -1 für den letzten.",
        )


def _check_venue(draft: Draft, key: str, venue: str | None) -> None:
    known = draft.tables["venues"]
    if venue is None and draft.is_sound(key):
        draft.blame(key, "Bitte nennen Sie einen Ort aus [venues].")
    elif venue is not None and venue not in known:
        names = ", ".join(f"„{name}“" for name in known) or "noch keiner"
        draft.blame(
            key, f"Den Ort „{venue}“ gibt es nicht; unter [venues] steht: {names}."
        )


def _check_closed(draft: Draft) -> None:
    for number, days in draft.tables["closed"].items():
        first, last = days.get("first_on"), days.get("last_on")
        if first is not None and last is not None and last < first:
            draft.blame(
                f"closed[{number}].last_on",
                "Der letzte Tag darf nicht vor dem ersten liegen.",
            )


def _check_smtp(draft: Draft) -> None:
    _check_way_out(draft, "smtp", draft.tables["smtp"])
    _check_return_path(draft)


def _check_relays(draft: Draft) -> None:
    """Check every relay like the first one; each may stand there once."""
    smtp = draft.tables["smtp"]
    seen = {(smtp.get("host"), smtp.get("port"))}
    for number, relay in draft.tables["relay"].items():
        name = f"relay[{number}]"
        _check_way_out(draft, name, relay)
        place = (relay.get("host"), relay.get("port"))
        if place in seen:
            draft.blame(
                f"{name}.host", "Diesen Mailserver mit diesem Port gibt es schon."
            )
        seen.add(place)


def _check_providers(draft: Draft) -> None:
    """Refuse two limits for one provider: nobody could say which of them holds."""
    seen: dict[str | None, str] = {None: ""}
    for number, provider in draft.tables["provider"].items():
        name = provider.get("name", "")
        whose = providers.meant(name)
        if other := seen.get(whose):
            draft.blame(
                f"provider[{number}].name",
                f"„{name}“ und „{other}“ sind ein Anbieter ({whose}). Bitte setzen Sie "
                "seine Grenzen an einer Stelle.",
            )
        seen.setdefault(whose, name)


def _check_way_out(draft: Draft, name: str, relay: Mapping[str, Any]) -> None:
    _check_protection(draft, name, relay, "wird nur an diesen Rechner gesendet")
    data = relay.get("data_timeout")
    if data is not None and data < SHORTEST_DATA_TIMEOUT:
        draft.blame(
            f"{name}.data_timeout",
            "Weniger als 10 Minuten gehen nicht: Wer zu früh aufgibt, sendet doppelt "
            "(RFC 5321).",
        )
    _check_lease(draft, name, relay)


def _check_return_path(draft: Draft) -> None:
    """Refuse an address that has no room for what is added to it."""
    smtp = draft.tables["smtp"]
    base, kind = smtp.get("return_path"), smtp.get("return_paths")
    if base is None or kind is not ReturnPaths.SIGNED:
        return
    if len(base.wire.rpartition("@")[0]) > MOST_BEFORE_A_TOKEN:
        draft.blame(
            "smtp.return_path",
            f"Vor dem @ dürfen höchstens {MOST_BEFORE_A_TOKEN} Zeichen stehen, wenn "
            "jeder Brief seine eigene Rückadresse bekommt.",
        )


def _check_dkim(draft: Draft) -> None:
    """Refuse signatures that nobody can make, or that would count for nothing.

    Source: RFC 7489, section 3.1.1: the signing domain is the one of From, or one
    above it (relaxed alignment).
    """
    dkim, sender = draft.tables["dkim"], draft.tables["sender"].get("address")
    domain = dkim.get("domain", "").lower()
    if not dkim.get("selector"):
        return
    if find_spec("cryptography") is None:
        draft.blame(
            "dkim.selector",
            "Zum Signieren fehlt das Paket cryptography. Bitte richten Sie mia mit "
            "„make install“ ein.",
        )
    if sender and domain and not f".{sender.domain}".endswith(f".{domain}"):
        draft.blame(
            "dkim.domain",
            f"Die Signatur von {domain} zählt nicht für Briefe von {sender.text}. "
            f"Bitte nehmen Sie {sender.domain}.",
        )


def _check_protection(
    draft: Draft, table: str, server: Mapping[str, Any], only_here: str
) -> None:
    is_plain = server.get("security") is Security.PLAIN
    if is_plain and server.get("host") and not is_loopback(server["host"]):
        draft.blame(
            f"{table}.security",
            f"Ohne Verschlüsselung („plain“) {only_here} (localhost), nicht "
            f"{'bei' if table == 'inbox' else 'an'} {server['host']}. "
            "Bitte wählen Sie „starttls“ oder „tls“.",
        )


def _check_inbox(draft: Draft) -> None:
    inbox = draft.tables["inbox"]
    _check_protection(draft, "inbox", inbox, "wird nur auf diesem Rechner gelesen")
    host, maildir = inbox.get("host"), inbox.get("maildir")
    if host and maildir:
        draft.blame(
            "inbox.maildir",
            "Bitte geben Sie nur eines an: den Server (host) oder das Maildir.",
        )
    has_address = inbox.get("address") or not draft.is_sound("inbox.address")
    if (host or maildir) and not has_address:
        draft.blame("inbox.address", "Bitte nennen Sie die Adresse dieses Postfachs.")
    targets = {inbox.get("processed_folder"), inbox.get("human_folder")}
    if inbox.get("folder", "") in targets - {"", None}:
        draft.blame(
            "inbox.folder",
            "Was erledigt ist, braucht einen anderen Ordner als den, der gelesen wird.",
        )


def _check_lease(draft: Draft, name: str, relay: Mapping[str, Any]) -> None:
    keys = ("policy.lease", f"{name}.command_timeout", f"{name}.data_timeout")
    lease = draft.tables["policy"].get("lease")
    command, data = relay.get("command_timeout"), relay.get("data_timeout")
    if lease is None or command is None or data is None or not draft.is_sound(*keys):
        return
    if lease <= command + data:
        draft.blame(
            "policy.lease",
            f"Die Frist ({plain(lease)}) muss länger sein als {name}.command_timeout "
            f"({plain(command)}) und {name}.data_timeout ({plain(data)}) zusammen, "
            "sonst sendet ein zweiter Lauf dasselbe.",
        )


def _check_second_release(draft: Draft) -> None:
    """Refuse that a draft goes out unanswered where two people must say yes."""
    coordinator, unanswered = draft.tables["coordinator"], draft.tables["unanswered"]
    second = coordinator.get("second_release")
    if second is None:
        return
    if second == coordinator.get("email"):
        draft.blame(
            "coordinator.second_release",
            "Mit freigeben muss jemand anderes als die Koordinatorin selbst.",
        )
    for kind, silence in unanswered.items():
        if silence is Silence.SEND:
            draft.blame(
                f"unanswered.{kind}",
                "Wenn zwei Personen freigeben müssen (second_release), darf nichts "
                f"ohne Antwort hinausgehen. Bitte tragen Sie ein: {kind} = „hold“.",
            )


def _check_leads(draft: Draft) -> None:
    policy = draft.tables["policy"]
    drafted, invited, reminded = (
        policy.get(key) for key in ("draft_before", "invite_before", "remind_before")
    )
    if drafted is None or invited is None or reminded is None:
        return
    if drafted < invited:
        draft.blame(
            "policy.draft_before",
            "Der Entwurf kommt sonst nach der Einladung: Bitte geben Sie mindestens "
            "so viel Zeit an wie bei invite_before.",
        )
    if reminded >= invited:
        draft.blame(
            "policy.remind_before",
            "Die Erinnerung muss später kommen als die Einladung (invite_before).",
        )


def _check_update(draft: Draft) -> None:
    drafted = draft.tables["network_update"].get("draft_before")
    if drafted is not None and not A_DAY <= drafted <= TWO_MONTHS:
        draft.blame(
            "network_update.draft_before",
            "Der Entwurf kommt zwischen einem Tag und 60 Tagen vor dem Ende des "
            "Quartals; sonst steht noch nichts darin, oder niemand kann ihn ansehen.",
        )


def _check_files(draft: Draft) -> None:
    folder = draft.source.path.parent
    servers = {name: draft.tables[name] for name in ("smtp", "inbox")}
    servers |= {f"relay[{n}]": one for n, one in draft.tables["relay"].items()}
    for table, server in servers.items():
        ca_file = server.get("ca_file")
        if ca_file and not (folder / ca_file).is_file():
            path = folder / ca_file
            draft.blame(f"{table}.ca_file", f"Die Datei {path} gibt es nicht.")
    maildir = draft.tables["inbox"].get("maildir")
    if maildir and not (folder / maildir / "new").is_dir():
        draft.blame(
            "inbox.maildir",
            f"{folder / maildir} ist kein Maildir: der Ordner „new“ fehlt darin.",
        )
    templates = draft.tables["letters"].get("templates")
    if templates and not (folder / templates).is_dir():
        draft.blame(
            "letters.templates", f"Den Ordner {folder / templates} gibt es nicht."
        )


def _check_database(draft: Draft) -> None:
    """Refuse a server without a driver, and a password where others can read it."""
    entry = draft.entries.get("database.url")
    if entry is None:
        return
    parts = urlsplit(str(entry.value))
    if parts.scheme != "sqlite" and find_spec("psycopg") is None:
        draft.blame(
            "database.url",
            "Für PostgreSQL fehlt das Paket psycopg. Bitte richten Sie mia mit "
            "„make install“ ein.",
        )
    if parts.password and entry.origin.kind is not OriginKind.ENVIRONMENT:
        draft.blame(
            "database.url",
            "Ein Passwort darf hier nicht stehen. Bitte geben Sie die ganze Adresse "
            "in der Umgebungsvariablen MIA_DATABASE_URL an, oder das Passwort in "
            "~/.pgpass.",
        )


def located(url: str, folder: Path) -> str:
    """Return a database URL whose SQLite file does not depend on where we stand.

    Example:
        >>> from pathlib import Path
        >>> located("sqlite:///mia.db", Path("/etc/mia"))
        'sqlite:////etc/mia/mia.db'
    """
    scheme, slashes, rest = url.partition(":///")
    if scheme != "sqlite" or not slashes or rest.startswith((":memory:", "/")):
        return url
    return f"{scheme}:///{folder / rest}" if rest else url


def without_password(url: str) -> str:
    """Return a database URL fit to be shown.

    Example:
        >>> without_password("postgresql://mia:geheim@db.example/mia")
        'postgresql://mia:…@db.example/mia'
    """
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":…@", 1) if password else url
