"""The kinds of alarm, one row each: what people read, and whether its end is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.watching.models import AlarmKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """A trouble as it is at this moment.

    Attributes:
        kind, subject, since_at, sentence: As in ``Alarm``.
    """

    kind: AlarmKind
    subject: str
    since_at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """How one kind of alarm behaves.

    Attributes:
        german: A headline, "Der Mailserver nimmt nichts an".
        advice: What to do, German sentences; may name {number} of its subject.
        answer: What the coordinator can do by mail, where answers are read; comes
            before the advice.
        tells_end: Its end is told too. What a person ends by her own act is not: she
            knows.
    """

    german: str
    advice: str
    tells_end: bool = True
    answer: str = ""

    def advice_for(self, subject: str, *, answers_work: bool) -> str:
        """Return what to do about *subject*."""
        advice = self.advice.format(number=subject.rpartition("/")[2])
        return f"{self.answer} {advice}".strip() if answers_work else advice


KINDS: Final[Mapping[AlarmKind, KindRow]] = {
    AlarmKind.HELD: KindRow(
        "Eine Aussendung wartet auf Sie",
        "Die Technik gibt ein: mia editions approve {number}. Soll sie nicht "
        "hinausgehen: mia editions withdraw {number}.",
        tells_end=False,
        answer=(
            "Soll sie hinausgehen? Dann antworten Sie auf die E-Mail mit dem Entwurf: "
            "„Freigeben“. Soll sie nicht hinausgehen: „Stopp“. Haben Sie die E-Mail "
            "nicht mehr?"
        ),
    ),
    AlarmKind.OVERDUE: KindRow(
        "Briefe sind überfällig und angehalten",
        "Überlegen Sie bitte, ob sie noch etwas nützen. Die Technik zeigt sie mit: mia "
        "outbox status. Sollen sie hinausgehen: mia outbox release.",
        tells_end=False,
    ),
    AlarmKind.RELAY: KindRow(
        "Der Mailserver nimmt nichts an",
        "Es ist nichts verloren: Alles wartet und geht von selbst hinaus, sobald der "
        "Server wieder antwortet. Die Technik prüft ihn und die Einstellungen unter "
        "[smtp], zum Beispiel mit: mia doctor.",
    ),
    AlarmKind.INBOX: KindRow(
        "Das Postfach kann nicht gelesen werden",
        "Es ist nichts verloren: Was kommt, bleibt liegen und wird später gelesen. Wer "
        "sich jetzt abmeldet, muss aber warten. Die Technik prüft den Server und die "
        "Einstellungen unter [inbox], zum Beispiel mit: mia doctor.",
    ),
    AlarmKind.LOOP: KindRow(
        "Ein Teil des Programms arbeitet nicht",
        "Alles andere läuft weiter. Die Technik sieht im Protokoll nach, zum Beispiel "
        "mit: journalctl -u mia. Hilft das nicht: systemctl restart mia.",
    ),
    AlarmKind.DAEMON: KindRow(
        "Der Dienst läuft nicht",
        "Solange er nicht läuft, geht von selbst nichts hinaus. Die Technik startet "
        "ihn: systemctl restart mia.",
    ),
    AlarmKind.DOUBT: KindRow(
        "Bei einem Brief ist unklar, ob er ankam",
        "Der Mailserver weiß es: Die Technik sieht in seinem Protokoll nach und "
        "entscheidet dann mit: mia outbox status und mia outbox resolve.",
        tells_end=False,
    ),
    AlarmKind.FAILOVER: KindRow(
        "Ein Mailserver fehlt, ein anderer springt ein",
        "Die Briefe gehen hinaus, solange der andere arbeitet. Die Technik prüft den "
        "Server und die Einstellungen unter [smtp] und [[relay]], zum Beispiel mit: "
        "mia doctor.",
    ),
    AlarmKind.PAUSED: KindRow(
        "Das Senden ist angehalten",
        "Das Programm hat von sich aus angehalten, damit nichts schlimmer wird. Die "
        "Technik sieht nach, woran es liegt: mia outbox status.",
    ),
    AlarmKind.RESTS: KindRow(
        "Briefe an ein Postfach ruhen",
        "Der Bericht des Mailservers liegt in Ihrem Postfach; dort steht die Adresse. "
        "Vielleicht können Sie die Person anrufen und nach ihrer neuen Adresse fragen.",
        tells_end=False,
    ),
    AlarmKind.DISK: KindRow(
        "Der Speicherplatz wird knapp",
        "Ist der Platz zu Ende, kann das Programm nichts mehr aufschreiben und sendet "
        "nichts. Die Technik schafft Platz.",
    ),
    AlarmKind.WAITING: KindRow(
        "Eine Mail wartet auf einen Menschen",
        "Die Technik zeigt sie mit: mia inbox show {number}. Ist sie erledigt: mia "
        "inbox done {number}.",
        tells_end=False,
    ),
}
