"""The coordinator's mail: told from all other mail, in every program's form."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from mailer.coordination.kinds import Unclear
from mailer.coordination.reading import read_instructions
from mailer.coordination.seals import Seal, message_id, written
from mailer.inbound.classify import classify
from mailer.inbound.kinds import Classified, CommandKind, Kind, World
from subscribers.tokens import Purpose, make_token
from tests.factories import KEYS
from tests.incoming import a_mail

if TYPE_CHECKING:
    from collections.abc import Mapping

KATHRIN: Final = "sommer@stadt.example"
SEAL: Final = Seal(Purpose.DRAFT, 7, 2)
SENT: Final = message_id(SEAL, KEYS, "<00112233@stadt.example>")
WORLD: Final = World(
    frozenset({"mia@stadt.example", KATHRIN}),
    "stadt.example",
    KEYS,
    coordinators=frozenset({KATHRIN}),
)

QUOTED: Final = (
    "Bitte schreiben Sie Ihre Antwort über diese Zeile.\n\nGuten Tag,\n\n"
    "Was können Sie antworten?\n\nStopp\nDie Einladung geht nicht hinaus.\n\n"
    "fällt aus: Der Raum ist nicht geheizt.\n\nAbmelden\n"
)


def marked(text: str) -> str:
    """Return *text* as most programs quote it."""
    return "\n".join(f"> {line}" for line in text.split("\n"))


OUTLOOK: Final = (
    "\n\n\nVon: Kathrin Sommer <mia@stadt.example>\nGesendet: Montag, 23. November "
    "2026 09:00\nAn: Sommer, Kathrin <sommer@stadt.example>\nBetreff: Entwurf: "
    f"Einladung zum 3. Dezember 2026 – bitte ansehen\n\n{QUOTED}"
)
GMAIL: Final = (
    "\n\nAm Mo., 23. Nov. 2026 um 09:00 Uhr schrieb Kathrin Sommer <\n"
    f"mia@stadt.example>:\n\n{marked(QUOTED)}"
)
IPHONE: Final = (
    "\n\nVon meinem iPhone gesendet\n\n> Am 23.11.2026 um 09:00 schrieb Kathrin "
    f"Sommer <mia@stadt.example>:\n> \n{marked(QUOTED)}"
)
THUNDERBIRD: Final = (
    f"\n\nAm 23.11.26 um 09:00 schrieb Kathrin Sommer:\n{marked(QUOTED)}"
)
SIGNED: Final = (
    "\n\nMit freundlichen Grüßen\n\nKathrin Sommer\nGleichstellungsbeauftragte\n"
    f"Stadt Aschersleben\nTel. 03473 958-111{OUTLOOK}"
)
UNMARKED: Final = f"\n\n{QUOTED}"

ABSENT: Final = (
    "Vielen Dank für Ihre Nachricht. Ich bin bis zum 5. Januar nicht im Büro. Ihre "
    "E-Mail wird nicht weitergeleitet.\n\nVertretung: k@stadt.example"
)
"""An absence note without any mark of one."""

FORMATS: Final[Mapping[str, str]] = {
    "bare": "",
    "outlook": OUTLOOK,
    "outlook with signature": SIGNED,
    "gmail": GMAIL,
    "iphone": IPHONE,
    "thunderbird": THUNDERBIRD,
    "a program that marks no quotation": UNMARKED,
    "signature of a program": f"\n-- \nKathrin Sommer\n{QUOTED}",
}
"""What stands below her words, by the program she writes with."""

WORDS: Final[Mapping[str, str]] = {
    "Freigeben": "release",
    "OK": "release",
    "Ja, bitte senden.": "release",
    "Guten Morgen,\n\nFreigeben": "release",
    "Stopp": "stop",
    "Thema: Wir reden über Busse.\n\n- Linie 1\n- Linie 2": "words",
    "Leichte Sprache: Wir reden.\nEs geht um Busse.": "easy_words",
    "Ort: Konferenzraum": "venue",
    "fällt aus: Der Raum ist nicht geheizt.": "cancel",
    "neuer Termin: 10. Dezember 10 bis 13 Uhr": "move",
    "zusätzlicher Termin: 10.12. 14-16 Uhr": "add",
    "findet doch statt": "reinstate",
    "Vertretung: krause@stadt.example bis 15. Januar": "deputy",
    "Vertretung beenden": "end_deputy",
    "Ja": "yes",
    "Status": "status",
    "Hilfe": "help",
}


def an_answer(body: str, **fields: str) -> bytes:
    """Return a mail of hers, in answer to our draft."""
    fields = {
        "subject": "AW: Entwurf: Einladung zum 3. Dezember 2026",
        "In_Reply_To": SENT,
        **fields,
    }
    return a_mail(fields.pop("From_", KATHRIN), body, **fields)


def said(found: Classified) -> list[str]:
    """Return what a mail tells the program."""
    read = read_instructions(
        found.own_text, signers="Kathrin Sommer", today=date(2026, 11, 23)
    )
    return ["?"] if isinstance(read, Unclear) else [one.kind.value for one in read]


@pytest.mark.parametrize("below", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("words", WORDS)
def test_her_words_are_understood_in_every_form(words: str, below: str) -> None:
    """What we wrote, and her signature, is none of hers."""
    found = classify(an_answer(f"{words}{below}"), WORLD)
    assert (found.kind, found.seal) == (Kind.INSTRUCTION, SEAL)
    assert said(found) == [WORDS[words]]


@pytest.mark.parametrize("below", FORMATS.values(), ids=FORMATS.keys())
def test_nothing_of_hers_is_nothing(below: str) -> None:
    """An empty answer takes no word from the quotation."""
    found = classify(an_answer(below), WORLD)
    assert found.kind is Kind.INSTRUCTION
    assert said(found) == ["?"]


def test_html_alone_is_read() -> None:
    """As Outlook writes it, with the quotation behind a ruler."""
    html = (
        "<html><body><div class=WordSection1>"
        "<p class=MsoNormal>Thema: Wir reden über Busse.<o:p></o:p></p>"
        "<p class=MsoNormal>Freigeben<o:p></o:p></p>"
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal>"
        "<b>Von:</b> Kathrin Sommer &lt;mia@stadt.example&gt;<br><b>Gesendet:</b> "
        "Montag, 23. November 2026 09:00<br><b>An:</b> Sommer, Kathrin<br>"
        "<b>Betreff:</b> Entwurf</p></div><p>Stopp</p></div></body></html>"
    )
    plain = an_answer(html)
    content = plain.replace(b"Content-Type: text/plain", b"Content-Type: text/html")
    found = classify(content, WORLD)
    assert said(found) == ["words", "release"]


@pytest.mark.parametrize(
    "fields",
    [
        {"In_Reply_To": SENT},
        {"In_Reply_To": "<x@post.example>", "References": f"<y@post.example> {SENT}"},
        {"In_Reply_To": "", "Delivered_To": f"mia+{written(SEAL, KEYS)}@stadt.example"},
        {"In_Reply_To": "", "subject": f"AW: Entwurf {written(SEAL, KEYS).upper()}"},
    ],
)
def test_the_seal_is_found_where_it_stands(fields: dict[str, str]) -> None:
    """In what the mail answers, in the address it went to, in the subject."""
    assert classify(an_answer("Freigeben", **fields), WORLD).seal == SEAL


def test_the_quoted_text_holds_the_seal_too() -> None:
    """For a program that forgets what it answers."""
    body = f"Freigeben\n\n> Kennung für Ihre Antwort: {written(SEAL, KEYS)}"
    assert classify(an_answer(body, In_Reply_To=""), WORLD).seal == SEAL


@pytest.mark.parametrize(
    "token",
    [
        written(SEAL, KEYS)[:-1] + "a",
        make_token(KEYS, Purpose.UNSUBSCRIBE, 7, 2),
        make_token(KEYS, Purpose.PREFERENCES, 7, 2),
    ],
)
def test_no_other_token_is_a_seal(token: str) -> None:
    """A reader's token opens nothing here."""
    content = an_answer("Freigeben", In_Reply_To="", subject=f"AW: {token}")
    assert classify(content, WORLD).seal is None


@pytest.mark.parametrize(
    "fields",
    [
        {"From_": "fremd@post.example"},
        {"From_": f"{KATHRIN}, fremd@post.example"},
        {"From_": f"fremd@post.example\r\nFrom: {KATHRIN}"},
        {"From_": f"{KATHRIN}\r\nFrom: fremd@post.example"},
        {"From_": f'"{KATHRIN}" <fremd@post.example>'},
        {"Sender": "fremd@post.example"},
        {"Authentication_Results": "mx.stadt.example; dmarc=fail; spf=pass"},
        {"Authentication_Results": "mx.stadt.example; spf=fail smtp.mailfrom=x"},
        {"Authentication_Results": "mx.stadt.example; dkim=fail; spf=none"},
    ],
)
def test_a_forged_sender_is_nobody(fields: dict[str, str]) -> None:
    """A seal that was forwarded, or seen by others, gives no power."""
    found = classify(an_answer("Freigeben", return_path=KATHRIN, **fields), WORLD)
    assert found.kind is not Kind.INSTRUCTION
    assert found.command is CommandKind.NONE


@pytest.mark.parametrize(
    "results",
    [
        "mx.stadt.example; dmarc=pass; spf=fail",
        "mx.stadt.example; dkim=pass; spf=softfail",
        "mx.stadt.example; none",
    ],
)
def test_a_server_that_does_not_object_is_no_obstacle(results: str) -> None:
    """Forwarding breaks SPF; only the verdict on the domain counts."""
    content = an_answer("Freigeben", Authentication_Results=results)
    assert classify(content, WORLD).kind is Kind.INSTRUCTION


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"Auto_Submitted": "auto-replied"}, "Freigeben"),
        ({"X_Auto_Response_Suppress": "All"}, "Freigeben"),
        ({"return_path": ""}, "Freigeben"),
        ({"subject": "Automatische Antwort: Entwurf: Einladung"}, "Freigeben"),
        ({"subject": "Abwesend: Entwurf: Einladung"}, "Vertretung: k@stadt.example"),
        ({}, ABSENT),
    ],
)
def test_a_machine_never_says_yes(fields: dict[str, str], body: str) -> None:
    """Her absence note answers the draft too, and its seal with it."""
    found = classify(an_answer(body, **fields), WORLD)
    assert found.kind is Kind.AUTO


def test_her_text_may_ask_readers_for_a_click() -> None:
    """It sounds like a spam gate, and is her theme."""
    body = (
        "Thema: Bitte klicken Sie auf den Link https://umfrage.example und bestätigen "
        "Sie dort Ihre Antwort."
    )
    assert classify(an_answer(body), WORLD).kind is Kind.INSTRUCTION
    assert classify(an_answer(body, From_="x@post.example"), WORLD).kind is (
        Kind.CHALLENGE
    )


def test_our_own_draft_comes_back_as_ours() -> None:
    """In a mailbox that she shares with the program it lies there like her answer."""
    content = an_answer(
        QUOTED.replace("Bitte schreiben Sie Ihre Antwort über diese Zeile.", "Stopp"),
        Auto_Submitted="auto-generated",
        X_Auto_Response_Suppress="All",
        Message_ID=SENT,
    )
    assert classify(content, WORLD).kind is Kind.AUTO


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("Abmelden", CommandKind.UNSUBSCRIBE),
        ("Leichte Sprache", CommandKind.STYLE_EASY),
        ("anmelden", CommandKind.SUBSCRIBE),
    ],
)
def test_without_a_seal_she_can_be_a_reader(body: str, command: CommandKind) -> None:
    """Where the town's letters come from another address than hers."""
    world = World(
        frozenset({"mia@stadt.example"}),
        "stadt.example",
        KEYS,
        coordinators=frozenset({KATHRIN}),
    )
    found = classify(a_mail(KATHRIN, body), world)
    assert (found.kind, found.command) == (Kind.COMMAND, command)


@pytest.mark.parametrize(
    "body",
    ["fällt aus: 3. Dezember: krank", "Freigeben", "Status", "neuer Termin: 10.12."],
)
def test_a_new_mail_of_hers_can_be_meant_for_us(body: str) -> None:
    """If it begins with a word of the table; the room decides what is done."""
    found = classify(a_mail(KATHRIN, body, subject="Treffen"), WORLD)
    assert (found.kind, found.seal) == (Kind.INSTRUCTION, None)


@pytest.mark.parametrize("body", ["Können wir morgen telefonieren?", "Ja", "Danke!"])
def test_her_other_mail_is_other_mail(body: str) -> None:
    """A mailbox that she reads too holds her whole life at work."""
    assert classify(a_mail(KATHRIN, body), WORLD).kind is not Kind.INSTRUCTION


def test_a_readers_words_are_never_hers() -> None:
    """Whoever is not at the desk goes the way of all mail."""
    found = classify(a_mail("rita@post.example", "Status"), WORLD)
    assert found.kind is Kind.HUMAN
