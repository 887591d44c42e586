"""What wins over the settings file: the environment and ``--set``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mailer.errors import UsageRefused
from mailer.settings.draft import Draft, Raw
from mailer.settings.fields import SECRETS, TABLES
from mailer.settings.origins import Origin, OriginKind
from mailer.settings.secret_values import SecretPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX: Final = "MIA_"
"""``MIA_SMTP_HOST`` is ``smtp.host``."""

SECRET_NAMES: Final = {
    "smtp.password": ("MIA_SMTP_PASSWORD", "smtp_password"),
    "inbox.password": ("MIA_INBOX_PASSWORD", "inbox_password"),
    "alarm.smtp.password": ("MIA_ALARM_SMTP_PASSWORD", "alarm_smtp_password"),
    "keys.secret": ("MIA_SECRET", "mia_secret"),
}
"""Environment variable and systemd credential of each secret."""

ONLY_IN_FILE: Final = ("venues", "series", "closed", "relay", "provider")
"""Tables of which there may be many."""


def environment_name(key: str) -> str:
    """Return the variable that overrides a dotted *key*.

    Example:
        >>> environment_name("smtp.data_timeout")
        'MIA_SMTP_DATA_TIMEOUT'
    """
    return PREFIX + key.replace(".", "_").upper()


def scalar_keys() -> Iterator[str]:
    """Yield every key that can be overridden, dotted."""
    for table, fields in TABLES.items():
        for key, one in fields.items():
            if one.from_text is not None:
                yield f"{table}.{key}"


def overlay(
    environ: Mapping[str, str], flags: Mapping[str, str]
) -> Iterator[tuple[str, Raw]]:
    """Yield each overridden key; the flags come last and win."""
    for key in scalar_keys():
        name = environment_name(key)
        if name in environ:
            yield key, Raw(environ[name], Origin(OriginKind.ENVIRONMENT, name))
    for key, value in flags.items():
        yield key, Raw(value, Origin(OriginKind.FLAG, key))


def refuse_secret_flags(flags: Mapping[str, str]) -> None:
    """Refuse a secret in argv, where every account of the machine can read it.

    Raises:
        UsageRefused: There is one.
    """
    for table, key in SECRETS.items():
        if f"{table}.{key}" in flags:
            place = place_of(f"{table}.{key}", {})
            raise UsageRefused(
                f"„{table}.{key}“ darf nicht in der Befehlszeile stehen, dort kann es "
                f"jeder auf diesem Rechner lesen. {place.ways}."
            )


def refuse_strangers(draft: Draft, environ: Mapping[str, str]) -> None:
    """Blame tables, variables and flags that nobody knows."""
    tables = [*TABLES, *ONLY_IN_FILE]
    for name in draft.source.values:
        if name not in tables:
            draft.refuse_name(name, tables)
    scalars = list(scalar_keys())
    for key, raw in draft.overlay.items():
        if key not in scalars:
            _refuse_overlay(draft, key, scalars, raw.origin)
    known = [environment_name(key) for key in scalars]
    known += [variable for variable, _ in SECRET_NAMES.values()]
    prefixes = tuple(environment_name(table) + "_" for table in TABLES)
    for name in environ:
        if name.startswith(prefixes) and name not in known:
            origin = Origin(OriginKind.ENVIRONMENT, name)
            _refuse_overlay(draft, name, known, origin)


def _refuse_overlay(draft: Draft, key: str, known: list[str], origin: Origin) -> None:
    if key.partition(".")[0].partition("[")[0] in ONLY_IN_FILE:
        draft.blame(key, "Das kann nur in der Datei eingestellt werden.", origin)
    else:
        draft.refuse_name(key, known, origin)


def place_of(key: str, table: Mapping[str, Any]) -> SecretPlace:
    """Return where the secret *key* may come from."""
    short = key.rpartition(".")[2]
    variable, credential = SECRET_NAMES.get(key) or _names_of_relay(key)
    return SecretPlace(
        key=key,
        variable=variable,
        credential=credential,
        file=table.get(f"{short}_file", ""),
        command=table.get(f"{short}_command", ""),
    )


def _names_of_relay(key: str) -> tuple[str, str]:
    """Return variable and credential for a password of one ``[[relay]]`` of many.

    Example:
        >>> _names_of_relay("relay[1].password")
        ('MIA_RELAY_1_PASSWORD', 'relay_1_password')
    """
    name = key.replace("[", "_").replace("].", "_")
    return f"{PREFIX}{name.upper()}", name
