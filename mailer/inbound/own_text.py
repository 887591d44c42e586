"""What the sender wrote himself: no quotations, signatures or disclaimers.

Our own letters contain every command word, and people send them back below their
answer, above it or around it. So a line counts only if it is the sender's. Nine mail
programs mark a quotation in five ways; each way is one rule here, all line by line
in linear time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_CHARS: Final = 64 * 1024
"""Read of one text; a person who asks for something has asked before."""

MAX_LINE_CHARS: Final = 400
"""A longer line is prose and no mark of a mail program."""

MAX_ATTRIBUTION_LINES: Final = 3
"""Lines over which "Am … schrieb …:" may be broken."""

HEADER_LINES: Final = 3
HEADER_WINDOW: Final = 6
"""Three header fields within six lines are a quoted header."""

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANK: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]")
_QUOTED: Final = re.compile(r"[ ]{0,3}[>|]")
_BEGIN: Final = re.compile(
    r"(?:Am|On|Le|Den)\s|.{1,120}?<[^<>@\s]{1,64}@"
    r"|.{1,60}\s(?:schrieb|wrote) (?:am|on)\s",
    re.IGNORECASE,
)
_WROTE: Final = re.compile(
    r"\b(?:schrieb(?:en)?|geschrieben|wrote|a écrit|skrev)\b", re.IGNORECASE
)
_HEADER: Final = re.compile(
    r"[*_\s]{0,3}(?:Von|From|Gesendet|Sent|Datum|Date|An|To|Cc|Kopie|Betreff|Subject"
    r"|Antwort an|Reply-To)[*_]{0,2}\s?:",
    re.IGNORECASE,
)
_SEPARATOR: Final = re.compile(
    r"\s{0,4}(?:[-_=*]{2,}\s?(?:Ursprüngliche|Urspr\.|Original|Weitergeleitet|Forwarded"
    r"|Begin forwarded|Reply|Antwort|Quoted).{0,60}|_{10,}\s*|-{12,}\s*"
    r"|Anfang der weitergeleiteten .{0,40})$",
    re.IGNORECASE,
)
_DEVICE: Final = re.compile(
    r"\s{0,4}(?:--? ?)?(?:Von meine[mr]|Beste Grüße von meinem"
    r"|(?:Gesendet|Versendet|Verschickt) (?:mit|von|über|aus)"
    r"|Sent (?:from|with|via)|Diese (?:Nachricht|E-?Mail|Mail) wurde (?:von|mit)"
    r" (?:meine|der|Mail|Windows|Outlook)|Holen Sie sich Outlook|Get Outlook for"
    r"|Outlook für (?:Android|iOS)).{0,120}$",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"\s?--\s{0,2}$")
_DISCLAIMER: Final = re.compile(
    r"\s{0,4}[*_]{0,2}(?:Diese (?:E-?Mail|Nachricht|Mail) (?:und|ist|enthält|kann"
    r"|wurde von|einschließlich)|Der Inhalt dieser|Die (?:in dieser|Informationen in)"
    r"|This (?:e-?mail|message) (?:and|is|contains|may)|Vertraulichkeitshinweis"
    r"|Haftungsausschluss|Disclaimer|Confidentiality|Virenfrei|Virus-free"
    r"|Informationen zum Datenschutz|Datenschutzhinweis|Hinweise? zum Datenschutz"
    r"|Bitte (?:denken|prüfen|bedenken) Sie.{0,40}(?:Umwelt|ausdrucken|drucken)"
    r"|Denken Sie an die Umwelt|Think before you print|www\.avast)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Own:
    """A text without what others wrote.

    Attributes:
        text: The sender's lines; may be empty.
        was_quoted: Something was quoted, so it is an answer or a forward.
        was_signed: It ended with "-- " and a signature, which is left out.
    """

    text: str
    was_quoted: bool
    was_signed: bool = False


def own_text(text: str) -> Own:
    r"""Return what the sender wrote himself, above, below or between quotations.

    Example:
        >>> own_text("Ja\n\nAm 1.12.26 schrieb Rita:\n> Kommst du?").text
        'Ja'
    """
    lines = visible(text[:MAX_CHARS]).split("\n")
    kept: list[str] = []
    was_quoted = False
    at = 0
    while at < len(lines):
        line = lines[at]
        attribution = _attribution(lines, at)
        if attribution:
            was_quoted = True
            at += attribution
            if not _is_quote_next(lines, at):
                break  # the quotation is not marked: nothing below can be told apart
        elif _ends(lines, at):
            break
        else:
            if not (_QUOTED.match(line) or _DEVICE.match(line[:MAX_LINE_CHARS])):
                kept.append(line.rstrip())
            at += 1
    is_cut = at < len(lines)
    return Own(
        text="\n".join(kept).strip(),
        was_quoted=was_quoted
        or any(map(_is_others, lines))
        or (is_cut and _is_header(lines, at)),
        was_signed=is_cut and _SIGNATURE.match(lines[at]) is not None,
    )


def _is_others(line: str) -> bool:
    """Return whether *line* shows that something is quoted."""
    return bool(_QUOTED.match(line) or _SEPARATOR.match(line[:MAX_LINE_CHARS]))


def _ends(lines: list[str], at: int) -> bool:
    """Return whether nothing from line *at* on is the sender's own wording."""
    line = lines[at][:MAX_LINE_CHARS]
    if _SIGNATURE.match(line) or _SEPARATOR.match(line) or _is_header(lines, at):
        return True
    return bool(_DISCLAIMER.match(line)) and not _DEVICE.match(line)


def visible(text: str) -> str:
    """Return *text* without invisible characters, every blank a plain space."""
    seen = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", _BLANK.sub(" ", seen))


def _is_header(lines: list[str], at: int) -> bool:
    """Return whether the header of a quoted mail begins at line *at*."""
    if not _HEADER.match(lines[at]):
        return False
    window = lines[at : at + HEADER_WINDOW]
    return sum(1 for line in window if _HEADER.match(line)) >= HEADER_LINES


def _attribution(lines: list[str], at: int) -> int:
    """Return over how many lines "Am … schrieb …:" goes from line *at*; 0 if none."""
    first = lines[at]
    if len(first) > MAX_LINE_CHARS or not _BEGIN.match(first):
        return 0
    said = ""
    for number, line in enumerate(lines[at : at + MAX_ATTRIBUTION_LINES], start=1):
        said = f"{said} {line[:MAX_LINE_CHARS].strip()}"
        if said.endswith(":") and _WROTE.search(said):
            return number
    return 0


def _is_quote_next(lines: list[str], at: int) -> bool:
    """Return whether the next line that is not blank is marked as quoted."""
    for line in lines[at : at + HEADER_WINDOW]:
        if line.strip():
            return _QUOTED.match(line) is not None
    return False
