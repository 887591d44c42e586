"""What reports are recognised by: ``foreign_reports.toml``, ready for use."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from mailer.inbound.diagnostics import normalised, phrases_pattern

if TYPE_CHECKING:
    import re


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of report, and what gives it away.

    Attributes:
        action: What such a report says: "failed", "delayed" or "delivered".
    """

    name: str
    action: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ReportPhrases:
    """The file's lists.

    Attributes:
        machines: Local parts in From.
        names: What stands beside the address in From.
        copies: What announces the copy of our mail.
        copy_lines: What announces it if it fills a line, normalised.
        forms: In the order in which they are tried.
    """

    machines: frozenset[str]
    names: re.Pattern[str]
    copies: re.Pattern[str]
    copy_lines: frozenset[str]
    forms: tuple[Form, ...]


@cache
def report_phrases() -> ReportPhrases:
    """Return ``foreign_reports.toml``."""
    source = resources.files(__package__).joinpath("foreign_reports.toml")
    read = tomllib.loads(source.read_text(encoding="utf-8"))
    return ReportPhrases(
        machines=frozenset(read["machines"]),
        names=phrases_pattern(read["names"]),
        copies=phrases_pattern(read["copies"]),
        copy_lines=frozenset(map(normalised, read["copy_lines"])),
        forms=tuple(
            Form(row["name"], row["action"], phrases_pattern(row["phrases"]))
            for row in read["form"]
        ),
    )
