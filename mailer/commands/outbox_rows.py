"""How the outbox looks on a terminal, and what ``--json`` says of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from mailer.commands.terminal import count, number, table
from mailer.outbox import occasions as names
from mailer.outbox import report
from mailer.outbox.conduct import PauseScope
from mailer.outbox.overview import WAITING
from mailer.outbox.statements import MAX_COPIES
from mailer.outbox.states import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.outbox.conduct import Pause
    from mailer.outbox.models import Attempt, Delivery
    from mailer.outbox.overview import Held, Overview
    from mailer.outbox.report import Tally, Trouble

S = DeliveryState

MISSED: Final = (S.REFUSED, S.EXPIRED, S.SKIPPED, S.BOUNCED)
"""States of those who have not got the letter and will not."""

PROVIDERS_SHOWN: Final = 15
"""Lines about single providers; ``--json`` has all of them."""


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in local time: "26.11.2026 09:00:00"."""
    return at.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")


def occasions(told: Mapping[str, Tally]) -> str:
    """Return how every edition stands, and all other letters by kind, as a table."""
    grouped: dict[str, Counter[DeliveryState]] = {}
    for name, one in told.items():
        grouped.setdefault(names.named(name), Counter()).update(one.states)
    headers = [
        "Anlass", "angenommen", "wartet", "angehalten", "im Zweifel",
        "nicht zugestellt", "zusammen",
    ]  # fmt: skip
    rows = [
        (
            name,
            number(states[S.ACCEPTED]),
            number(_sum(states, WAITING)),
            number(states[S.HELD]),
            number(states[S.UNCERTAIN]),
            number(_sum(states, MISSED)),
            number(states.total()),
        )
        for name, states in grouped.items()
    ]
    return table(rows, headers)


def paragraphs(seen: Overview, zone: ZoneInfo) -> Iterator[str]:
    """Yield what is to be said about sending as a whole, paragraph by paragraph."""
    if seen.providers:
        rows = [
            (
                name or "gelöscht",
                number(_sum(states, WAITING)),
                number(states.get(S.HELD, 0)),
                number(states.get(S.UNCERTAIN, 0)),
            )
            for name, states in list(seen.providers.items())[:PROVIDERS_SHOWN]
        ]
        headers = ["Offen bei", "wartet", "angehalten", "im Zweifel"]
        yield table(rows, headers)
    if seen.oldest_at is not None:
        yield f"Am längsten wartet ein Brief seit {moment(seen.oldest_at, zone)}."
    if seen.per_minute is not None:
        speed = f"Zuletzt {_rate(seen.per_minute)}"
        if seen.done_at is not None:
            speed += f"; fertig etwa {moment(seen.done_at, zone)}"
        yield f"{speed}."
    for one in seen.held:
        yield held(one)
    for pause in seen.pauses:
        yield paused(pause, zone)


def held(one: Held) -> str:
    """Return what waits for a person, why, and how it goes on."""
    many = count(one.deliveries, "Zustellung ist", "Zustellungen sind")
    way = f"mia outbox release {names.number_of(one.occasion)}".rstrip()
    return (
        f"{many} angehalten ({names.named(one.occasion)}). {one.reason} "
        f"Weiter mit „{way}“."
    )


def paused(pause: Pause, zone: ZoneInfo) -> str:
    """Return what is paused, since when, why, and how it goes on."""
    since = moment(pause.since_at, zone)
    if pause.scope is PauseScope.RELAY:
        return f"Um {since} ging es über {pause.name} nicht. {pause.reason}"
    whom = {
        PauseScope.ALL: "Alles wartet",
        PauseScope.PROVIDER: f"Was an {pause.name} geht, wartet",
        PauseScope.OCCASION: f"{names.named(pause.name)} wartet",
    }[pause.scope]
    return (
        f"{whom} seit {since}. {pause.reason} Weiter mit "
        f"„{resuming(pause.scope, pause.name)}“."
    )


def resuming(scope: PauseScope, name: str) -> str:
    """Return the command that ends a pause."""
    option = ""
    if scope is PauseScope.PROVIDER:
        option = f" --provider {name}"
    elif scope is PauseScope.OCCASION and (number := names.number_of(name)):
        option = f" --edition {number}"
    return f"mia outbox resume{option}"


def doubts(found: Sequence[Trouble], *, resends: bool) -> list[str]:
    """Return what becomes of letters in doubt, or what a person may decide.

    Args:
        resends: One more copy goes out by itself.
    """
    open_ones = [one for one in found if one.state is S.UNCERTAIN]
    again = [one for one in open_ones if resends and one.copies < MAX_COPIES]
    told = []
    if again:
        many = count(len(again), "Brief im Zweifel geht", "Briefe im Zweifel gehen")
        told.append(f"{many} mit dem nächsten „mia outbox send“ noch einmal hinaus.")
    if left := [one for one in open_ones if one not in again]:
        many = count(len(left), "Brief ist", "Briefe sind")
        which = str(left[0].delivery_id) if len(left) == 1 else "NUMMER"
        told.append(
            f"{many} im Zweifel, und ein Mensch muss entscheiden. Ist der Brief "
            f"angekommen: „mia outbox resolve {which} accepted“. Wenn nicht: „… "
            "refused“; soll er noch einmal hinaus: „… resend“."
        )
    return told


def troubles(found: Sequence[Trouble]) -> str:
    """Return what is to be explained one by one, as a table."""
    headers = ["Nummer", "Anlass", "Adresse", "Stand", "Versuche", "Grund"]
    return table([_told(one) for one in found], headers)


def delivery(
    row: Delivery, address: str | None, tries: Sequence[Attempt], zone: ZoneInfo
) -> str:
    """Return one delivery with every try."""
    facts = [
        ("Anlass", names.named(row.occasion)),
        ("Adresse", address or "gelöscht"),
        ("Stand", report.GERMAN[row.state]),
        ("Grund oder Antwort", row.reason or row.reply_text),
        ("Exemplare", row.copies),
        ("Message-ID", row.message_id),
        ("eingetragen", moment(row.created_at, zone)),
        ("nächster Versuch", row.next_try_at and moment(row.next_try_at, zone)),
        ("gilt bis", row.expires_at and moment(row.expires_at, zone)),
    ]
    lines = [table(facts, ["Zustellung", str(row.id)])]
    if tries:
        rows = [
            (
                one.number,
                moment(one.started_at, zone),
                report.ENDED.get(one.outcome or "", "unterbrochen"),
                # As the server's own log has it, for whoever compares the two.
                " ".join(
                    str(part) for part in (one.reply_code, one.reply_text) if part
                ),
            )
            for one in tries
        ]
        lines += ["", table(rows, ["Versuch", "Wann", "Ergebnis", "Antwort"])]
    return "\n".join(lines)


def overview_json(seen: Overview) -> dict[str, object]:
    """Return what a program may want to know about sending as a whole."""
    return {
        "waiting": seen.waiting,
        "in_doubt": seen.in_doubt,
        "oldest_at": seen.oldest_at,
        "per_minute": None if seen.per_minute is None else round(seen.per_minute, 2),
        "done_at": seen.done_at,
        "providers": {
            name: {str(state): one for state, one in states.items()}
            for name, states in seen.providers.items()
        },
        "held": [
            {"occasion": one.occasion, "reason": one.reason, "count": one.deliveries}
            for one in seen.held
        ],
        "pauses": [
            {
                "scope": str(one.scope),
                "name": one.name,
                "reason": one.reason,
                "by_hand": one.is_by_hand,
                "since": one.since_at,
                "until": one.until_at,
            }
            for one in seen.pauses
        ],
    }


def tally_json(occasion: str, told: Tally) -> dict[str, object]:
    """Return how one occasion stands."""
    return {
        "occasion": occasion,
        "states": {str(state): one for state, one in told.states.items()},
        "second_copies": told.second_copies,
        "open": told.open,
        "total": told.total,
    }


def trouble_json(one: Trouble) -> dict[str, object]:
    """Return one delivery that is to be explained."""
    return {
        "delivery": one.delivery_id,
        "occasion": one.occasion,
        "address": one.address,
        "state": str(one.state),
        "copies": one.copies,
        "tries": one.tries,
        "why": one.why,
    }


def delivery_json(
    row: Delivery, address: str | None, tries: Sequence[Attempt]
) -> dict[str, object]:
    """Return one delivery with every try."""
    columns = [column.key for column in row.__table__.columns]
    return {
        **{name: getattr(row, name) for name in columns if name != "mailbox_id"},
        "address": address,
        "attempts": [
            {
                "number": one.number,
                "worker": one.worker,
                "started_at": one.started_at,
                "finished_at": one.finished_at,
                "outcome": one.outcome,
                "reply_code": one.reply_code,
                "reply_text": one.reply_text,
            }
            for one in tries
        ],
    }


def _rate(per_minute: float) -> str:
    """Return a rate as people say it.

    Example:
        >>> _rate(93.4), _rate(0.4)
        ('93 Briefe je Minute', '24 Briefe je Stunde')
    """
    if per_minute >= 1:
        return f"{count(round(per_minute), 'Brief', 'Briefe')} je Minute"
    return f"{count(round(per_minute * 60), 'Brief', 'Briefe')} je Stunde"


def _sum(states: Mapping[DeliveryState, int], some: Iterable[DeliveryState]) -> int:
    return sum(states.get(state, 0) for state in some)


def _told(one: Trouble) -> tuple[object, ...]:
    state = report.GERMAN[one.state]
    shown = f"{state}, zweites Exemplar" if one.copies > 1 else state
    occasion = names.named(one.occasion)
    return one.delivery_id, occasion, one.address, shown, one.tries, one.why
