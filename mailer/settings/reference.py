"""``docs/settings.md``, made from the docstrings of the model and the field tables.

A docstring after a field is no attribute of anything at run time, so they are read
from the sources of the model with ``ast``.
"""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from mailer.settings import fields
from mailer.settings.overlay import environment_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailer.settings.field import Field

SECTIONS: Final[tuple[tuple[str, str, Mapping[str, Field]], ...]] = (
    ("[network]", "Network", fields.NETWORK),
    ("[coordinator]", "Coordinator", fields.COORDINATOR),
    ("[sender]", "Sender", fields.SENDER),
    ("[venues.KEY]", "Venue", fields.VENUE),
    ("[venues.KEY.facts]", "VenueFacts", fields.VENUE_FACTS),
    ("[[series]]", "Series", fields.SERIES),
    ("[holidays]", "Settings", fields.HOLIDAYS),
    ("[[closed]]", "ClosedDays", fields.CLOSED),
    ("[database]", "DatabaseSettings", fields.DATABASE),
    ("[smtp]", "Smtp", fields.SMTP),
    ("[[relay]]", "Smtp", fields.RELAY),
    ("[[provider]]", "ProviderPace", fields.PROVIDER),
    ("[dkim]", "Dkim", fields.DKIM),
    ("[policy]", "Policy", fields.POLICY),
    ("[unanswered]", "Unanswered", fields.UNANSWERED),
    ("[web]", "Web", fields.WEB),
    ("[inbox]", "Inbox", fields.INBOX),
    ("[alarm]", "Alarm", fields.ALARM),
    ("[alarm.smtp]", "Smtp", fields.SMTP),
    ("[summary]", "Summary", fields.SUMMARY),
    ("[network_update]", "NetworkUpdate", fields.NETWORK_UPDATE),
    ("[imprint]", "Imprint", fields.IMPRINT),
    ("[privacy]", "Privacy", fields.PRIVACY),
    ("[accessibility]", "Accessibility", fields.ACCESSIBILITY),
    ("[letters]", "Settings", fields.LETTERS),
    ("[keys]", "Settings", fields.KEYS),
)
"""Heading, class that documents it, keys; in the order of the example file."""

OTHER_NAMES: Final = {
    "[web] base_url": "web_base_url",
    "[inbox] address": "inbox_address",
    "[letters] templates": "templates",
    "[letters] splice": "splice",
}
"""Keys whose field in ``Settings`` has another name."""

SOURCES_OF_SECRETS: Final = {
    "password_file": "File with the password; relative to the settings file.",
    "password_command": "Command that prints the password; run without a shell.",
    "secret_file": "File with the key; relative to the settings file.",
    "secret_command": "Command that prints the key; run without a shell.",
}

HEAD: Final = """\
# Settings

Made from the model and `fields.py` in `mailer/settings` by `make docs`; do not edit.

A settings file is TOML. `mia init` writes one with German comments, `mia config
check` names every mistake at once, `mia config show` says where each value came
from. Order: `--set`, environment, file, default.

Names with a variable can be overridden by it or by `--set table.key=value`; the
others only stand in the file. Durations are texts such as `"7 Tage"`, `"5 Minuten"`
or `"60 Sekunden"`; days are written `2026-02-01`, times `"10:00"`. Relative paths
begin in the folder of the settings file.

The file is looked for in this order: `--config`, `MIA_CONFIG`, `./mia.toml`,
`/etc/mia/mia.toml`. `MIA_NOW` (a moment with offset, `2026-11-26T09:00:00+01:00`)
stops the clock, for demos and tests; `MIA_FAILPOINT` (`content.after:kill:2`, see
`subscribers/failpoints.py`) lets the program fail, for tests alone.

## Secrets

The passwords of the mail servers and the secret key never stand in the settings file
nor on a command line. Ways to give them, the first that is set wins:

| secret | variable | systemd credential | file | command |
| --- | --- | --- | --- | --- |
| password for sending | `MIA_SMTP_PASSWORD` | `smtp_password` | \
`[smtp] password_file` | `[smtp] password_command` |
| password of the first `[[relay]]` | `MIA_RELAY_1_PASSWORD` | `relay_1_password` | \
`[[relay]] password_file` | `[[relay]] password_command` |
| password for reading | `MIA_INBOX_PASSWORD` | `inbox_password` | \
`[inbox] password_file` | `[inbox] password_command` |
| password of the second way | `MIA_ALARM_SMTP_PASSWORD` | `alarm_smtp_password` | \
`[alarm.smtp] password_file` | `[alarm.smtp] password_command` |
| secret key | `MIA_SECRET` | `mia_secret` | `[keys] secret_file` | \
`[keys] secret_command` |
"""


def reference() -> str:
    """Return ``docs/settings.md``."""
    documented = _docstrings()
    parts = [HEAD]
    for heading, kind, keys in SECTIONS:
        table = heading.strip("[]")
        parts.append(f"\n## `{heading}`\n\n")
        about = documented[kind][""]
        if about.startswith(f"``{heading}``: "):
            parts.append(f"{_markdown(about)}\n\n")
        for key, one in keys.items():
            meaning = _meaning(heading, key, kind, documented)
            parts.append(f"- `{key}`{_remark(table, key, one)}: {meaning}\n")
    return "".join(parts)


def _remark(table: str, key: str, one: Field) -> str:
    words = ["required"] if one.is_required else []
    if table in fields.TABLES and one.from_text is not None:
        words.append(f"`{environment_name(f'{table}.{key}')}`")
    return f" ({', '.join(words)})" if words else ""


def _meaning(
    heading: str, key: str, kind: str, documented: Mapping[str, Mapping[str, str]]
) -> str:
    if key in SOURCES_OF_SECRETS:
        return SOURCES_OF_SECRETS[key]
    name = OTHER_NAMES.get(f"{heading} {key}")
    return _markdown(documented["Settings"][name] if name else documented[kind][key])


def _markdown(text: str) -> str:
    """Return a docstring as one line of Markdown."""
    line = re.sub(r"^``\[[^`]*``: ", "", " ".join(text.split()))
    line = re.sub(r"\*(\w+)\*", r"`\1`", line.replace("``", "`"))
    line = line[0].upper() + line[1:]
    return line if line.endswith((".", "?")) else f"{line}."


def _docstrings() -> dict[str, dict[str, str]]:
    """Return for each class its docstring (under "") and those of its fields."""
    sources = [
        (files("mailer.settings") / name).read_text(encoding="utf-8")
        for name in (
            "legal.py",
            "model.py",
            "public.py",
            "relays.py",
            "telling.py",
            "town.py",
        )
    ]
    statements = [one for text in sources for one in ast.parse(text).body]
    classes = [one for one in statements if isinstance(one, ast.ClassDef)]
    return {
        one.name: {"": ast.get_docstring(one) or "", **dict(_fields(one))}
        for one in classes
    }


def _fields(one: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(one.body, one.body[1:], strict=False):
        if not isinstance(statement, ast.AnnAssign):
            continue
        name = ast.unparse(statement.target)
        match following:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield name, text
            case _:
                yield name, ""
