"""Where a value came from: ``mia config show`` prints it beside each value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.settings.model import Settings

Plain: TypeAlias = "str | int | list[str] | None"
"""A value as JSON and a terminal show it."""


class OriginKind(StrEnum):
    """The layers a value can come from; earlier ones win over later ones."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    CREDENTIAL = "credential"
    """A systemd credential (secrets only)."""
    FILE = "file"
    SECRET_FILE = "secret_file"  # noqa: S105 - the name of a layer, not a secret
    SECRET_COMMAND = "secret_command"  # noqa: S105 - the name of a layer
    DEFAULT = "default"


GERMAN = {
    OriginKind.FLAG: "--set",
    OriginKind.ENVIRONMENT: "Umgebungsvariable",
    OriginKind.CREDENTIAL: "systemd-Credential",
    OriginKind.FILE: "Datei",
    OriginKind.SECRET_FILE: "Datei",
    OriginKind.SECRET_COMMAND: "Befehl aus",
    OriginKind.DEFAULT: "Vorgabe",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from.

    Attributes:
        kind: Which layer.
        detail: Name of the variable, the file, or the key that named the file.
        line: Line in the settings file, from 1; 0 if there is none.
    """

    kind: OriginKind
    detail: str = ""
    line: int = 0

    @property
    def german(self) -> str:
        """As people read it: "Datei mia.toml, Zeile 14"."""
        name = f"{GERMAN[self.kind]} {self.detail}".rstrip()
        return f"{name}, Zeile {self.line}" if self.line else name


@dataclass(frozen=True, slots=True)
class Entry:
    """One value as it may be shown; a secret is only "set" or "not set"."""

    value: Plain
    origin: Origin


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and what is known about them.

    Attributes:
        settings: The values.
        entries: Every key, dotted ("smtp.port", "series[1].title"), as shown.
        warnings: German sentences about what works but should not stay so.
    """

    settings: Settings
    entries: Mapping[str, Entry]
    warnings: tuple[str, ...] = ()

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Where each value came from, by dotted key."""
        return {key: entry.origin for key, entry in self.entries.items()}
