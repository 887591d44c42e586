"""Partners in tests: they write as their mail programs do, with files and logos."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING, Final

from tests.incoming import INBOX

if TYPE_CHECKING:
    from collections.abc import Sequence

HANS: Final = "muster@beispielhaus.example"
"""Speaks for Beispielhaus e. V."""

OUTLOOK: Final = """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal
{{margin:0cm}}</style></head><body lang="DE"><div class="WordSection1">
<p class="MsoNormal">Guten Tag Frau Sommer,<o:p></o:p></p>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p>
{paragraphs}
<p class="MsoNormal">Mit freundlichen Grüßen<o:p></o:p></p>
<p class="MsoNormal">Hans Muster<o:p></o:p></p>
<p class="MsoNormal"><b>Beispielhaus e. V.</b><br>Telefon 03473 000-1<o:p></o:p></p>
<p class="MsoNormal"><img width="120" src="cid:image001.png@01DD"><o:p></o:p></p>
<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Von:</b>
Kathrin Sommer &lt;mia@stadt.example&gt; <br><b>Gesendet:</b> Donnerstag, 1. Oktober
2026 09:00<br><b>An:</b> Hans Muster<br><b>Betreff:</b> Netzwerk-Info MIA</p></div>
<p class="MsoNormal">Meldung: So war das letzte Quartal.</p></div></body></html>
"""

GMX: Final = """\
<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;">
{paragraphs}
<div>&nbsp;</div><div>Viele Gr&uuml;&szlig;e</div><div>Hans Muster</div>
<div name="quote" style="border-left: 2px solid #C3D9E5;"><div><b>Gesendet:</b>&nbsp;\
Donnerstag, 01. Oktober 2026 um 09:00<br/><b>Von:</b>&nbsp;&quot;Kathrin Sommer&quot;
<br/><b>An:</b>&nbsp;muster@beispielhaus.example<br/><b>Betreff:</b>&nbsp;Netzwerk-Info
</div><div>Ergebnis: alt</div></div></div></body></html>
"""

IPHONE: Final = """\
<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>
<body dir="auto">{paragraphs}<br id="lineBreakAtBeginningOfSignature">
<div dir="ltr">Von meinem iPhone gesendet</div><div dir="ltr"><br><blockquote
type="cite">Am 01.10.2026 um 09:00 schrieb Kathrin Sommer &lt;mia@stadt.example&gt;:<br>
<br></blockquote></div><blockquote type="cite"><div dir="ltr">Meldung: alt</div>
</blockquote></body></html>
"""

T_ONLINE: Final = """\
<html><body><p>{paragraphs}</p><p>Freundliche Grüße<br />Hans Muster</p>
<p>-----Original-Nachricht-----<br />Betreff: Netzwerk-Info MIA<br />Datum:
2026-10-01T09:00:00+0200<br />Von: "Kathrin Sommer"<br />An: "Muster"</p>
<p>Meldung: alt</p></body></html>
"""

_MARKS: Final = {
    OUTLOOK: '<p class="MsoNormal">{}<o:p></o:p></p>',
    GMX: "<div>{}</div>",
    IPHONE: '<div dir="ltr">{}</div>',
    T_ONLINE: "{}<br />",
}


def a_page(form: str, lines: Sequence[str]) -> str:
    """Return *lines* as a mail program writes them."""
    marked = [_MARKS[form].format(line or "&nbsp;") for line in lines]
    return form.format(paragraphs="\n".join(marked))


def a_letter(
    text: str = "",
    *,
    sender: str = HANS,
    subject: str = "",
    html: str = "",
    files: Sequence[tuple[str, str, bytes]] = (),
    logo: bytes = b"",
    answers: str = "",
) -> bytes:
    """Return a mail with files.

    Args:
        files: Name, media type and content of each.
        logo: A picture in the HTML text, below it.
        answers: The Message-ID of a mail of ours.
    """
    message = EmailMessage()
    message["Return-Path"] = f"<{sender}>"
    message["From"] = f"Hans Muster <{sender}>"
    message["To"] = INBOX.text
    message["Subject"] = subject
    message["Message-ID"] = f"<{abs(hash((text, html, subject, sender)))}@post.example>"
    if answers:
        message["In-Reply-To"] = answers
    if text:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    if logo:
        body = message.get_body(("html",))
        assert body is not None
        body.add_related(logo, "image", "png", cid="<image001.png@01DD>")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, main, sub, filename=name)
    return message.as_bytes()
