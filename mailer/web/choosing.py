"""Choosing without a login: the wording, reminders, a pause, another address.

The link is in every letter, and letters are forwarded. So the page shows nothing that
is stored, not even what is chosen now: everything may be left as it is, and whatever is
changed is told to the mailbox by a letter. What we hold is never shown on a page; it is
sent to the mailbox itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mailer.editions.service import service_facts
from mailer.outbox import reminders
from mailer.web import entries, holders, holding, joining, leaving
from mailer.web.clerk import EVIDENCE, GETTING
from mailer.web.entries import Problem
from mailer.web.models import Wish, WishKind
from mailer.web.pages import render
from mailer.web.telling import tell
from mailer.web.visit import Route
from subscribers import mailboxes, subscription
from subscribers.consent import Proof
from subscribers.models import ConsentChannel
from subscribers.states import SubscriptionState
from subscribers.tokens import Purpose
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.database import Db
    from subscribers.models import Mailbox, Subscription

PATH: Final = "/einstellungen/{token}"

DEED: Final = "was"
"""The button that was pressed."""

UNTIL: Final = "pause_bis"

_STYLES: Final = {
    entries.STANDARD: LetterStyle.STANDARD,
    entries.EASY: LetterStyle.EASY,
}

_TOPICS: Final = {
    "keine-einladungen": Topic.INVITATIONS,
    "keine-netzwerk-info": Topic.NETWORK_UPDATES,
}


def show(site: Site, visit: Visit) -> Response:
    """Show what can be chosen, and nothing of what is."""
    return _page(site, visit)


def act(site: Site, visit: Visit) -> Response:
    """Do what one of the buttons says."""
    deed = _BY_BUTTON.get(visit.typed(DEED), _save)
    return deed(site, visit)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What somebody wants to be different; None and empty leave it as it is."""

    style: LetterStyle | None
    reminds: bool | None
    pause: str
    until: date | None
    topic: Topic | None


def _save(site: Site, visit: Visit) -> Response:
    chosen = _chosen(site, visit)
    if isinstance(chosen, Problem):
        return _page(site, visit, [chosen])
    with site.database.transaction("choose") as db:
        mailbox = _holder(db, site, visit)
        if mailbox is None:
            return leaving.broken(site)
        done = _change(db, site, mailbox, chosen)
    site.ring()
    if not done:
        return render(
            site, "nothing_changed", "Es hat sich nichts geändert", action=visit.path
        )
    title = "Ihre Einstellungen sind gespeichert"
    return render(site, "saved", title, done=done, action=visit.path)


def _chosen(site: Site, visit: Visit) -> _Choice | Problem:
    pause, until = visit.typed("pause"), None
    if pause == "bis":
        today = site.now.astimezone(site.settings.series[0].zone).date()
        day = entries.day(visit, UNTIL, after=today)
        if isinstance(day, Problem):
            return day
        until = day
    return _Choice(
        style=_STYLES.get(visit.typed(entries.STYLE)),
        reminds={"ja": True, "nein": False}.get(visit.typed("erinnerung")),
        pause=pause,
        until=until,
        topic=_TOPICS.get(visit.typed("thema")),
    )


def _change(db: Db, site: Site, mailbox: Mailbox, chosen: _Choice) -> list[str]:
    """Do what was chosen; return a German sentence for each thing done."""
    done = []
    if chosen.topic is not None:
        done += _end(db, site, mailbox, chosen.topic)
    rows = [row for row in subscription.of(db, mailbox) if row.state in GETTING]
    if not rows:
        return done
    if chosen.style is not None:
        done += _set_style(db, site, mailbox, chosen.style)
    if chosen.reminds is not None:
        done += _set_reminders(db, site, mailbox, reminds=chosen.reminds)
    if chosen.pause in _PAUSES:
        done += _PAUSES[chosen.pause](db, site, mailbox, rows, chosen.until)
    return done


def _set_style(db: Db, site: Site, mailbox: Mailbox, style: LetterStyle) -> list[str]:
    mailboxes.set_style(mailbox, style)
    db.flush()
    tell(db, site, mailbox, "style_changed")
    name = "Leichter Sprache" if style is LetterStyle.EASY else "Standardsprache"
    return [f"Sie bekommen unsere E-Mails ab jetzt in {name}."]


def _set_reminders(db: Db, site: Site, mailbox: Mailbox, *, reminds: bool) -> list[str]:
    if not reminders.choose(db, mailbox, reminds=reminds, now=site.now):
        return []
    tell(db, site, mailbox, "reminders_on" if reminds else "reminders_off")
    if reminds:
        return ["Vor jedem Treffen bekommen Sie eine Erinnerung."]
    return ["Sie bekommen keine Erinnerungen mehr."]


def _pause(
    db: Db,
    site: Site,
    mailbox: Mailbox,
    rows: Sequence[Subscription],
    until: date | None,
) -> list[str]:
    for row in rows:
        if row.state is SubscriptionState.ACTIVE:
            subscription.pause(db, mailbox, row.topic, resume_on=until, now=site.now)
        else:
            row.resume_on = until
    facts = service_facts(site.settings, pause_until=until)
    tell(db, site, mailbox, "paused", facts=facts)
    if until is None:
        return ["Sie bekommen zurzeit keine E-Mails von uns."]
    return [f"Sie bekommen keine E-Mails von uns. Ab dem {facts.pause_until} wieder."]


def _resume(
    db: Db,
    site: Site,
    mailbox: Mailbox,
    rows: Sequence[Subscription],
    _until: date | None,
) -> list[str]:
    paused = [row for row in rows if row.state is SubscriptionState.PAUSED]
    for row in paused:
        subscription.resume(db, mailbox, row.topic, now=site.now)
    if paused:
        tell(db, site, mailbox, "already")
    return ["Sie bekommen wieder E-Mails von uns."]


_PAUSES: Final = {"bis": _pause, "offen": _pause, "ende": _resume}


def _end(db: Db, site: Site, mailbox: Mailbox, topic: Topic) -> list[str]:
    """End one topic; the letter names what goes on."""
    now = site.now
    proof = Proof(ConsentChannel.WEB, happened_at=now, evidence=EVIDENCE)
    ended = subscription.end_open(db, mailbox, (topic,), proof, now=now)
    rows = subscription.of(db, mailbox)
    kept = [row.topic for row in rows if row.state in GETTING]
    facts = service_facts(site.settings, ended=ended, kept=kept)
    if ended:
        tell(db, site, mailbox, "topic_ended" if kept else "goodbye", facts=facts)
    if topic is Topic.INVITATIONS:
        return ["Sie bekommen keine Einladungen mehr."]
    return ["Sie bekommen keine Netzwerk-Info mehr."]


def _move(site: Site, visit: Visit) -> Response:
    """Take down another address; its mailbox is asked, and this one is told."""
    address = entries.address(visit)
    if isinstance(address, Problem):
        return _page(site, visit, [address])
    with site.database.reading() as db:
        mailbox = _holder(db, site, visit)
        if mailbox is None:
            return leaving.broken(site)
        wish = Wish(
            kind=WishKind.MOVE,
            address=address.text,
            mailbox_id=mailbox.id,
            made_at=site.now,
        )
    told = render(site, "move_asked", "Bitte sehen Sie in Ihr neues Postfach")
    return joining.take(site, visit, wish, address) or told


def _send_data(site: Site, visit: Visit) -> Response:
    """Send what we hold to the mailbox itself; the page shows nothing of it."""
    with site.database.transaction("data") as db:
        mailbox = _holder(db, site, visit)
        if mailbox is None:
            return leaving.broken(site)
        facts = service_facts(site.settings)
        facts = replace(facts, held=holding.sentences(db, site, mailbox))
        tell(db, site, mailbox, "my_data", facts=facts)
    site.ring()
    return render(site, "data_sent", "Ihre Daten kommen per E-Mail")


def _leave(site: Site, visit: Visit) -> Response:
    """Show the question; the link for it is another one."""
    with site.database.reading() as db:
        mailbox = _holder(db, site, visit)
        if mailbox is None:
            return leaving.broken(site)
    return leaving.ask(site, mailbox)


def _holder(db: Db, site: Site, visit: Visit) -> Mailbox | None:
    return holders.find(db, site, visit, Purpose.PREFERENCES)


def _page(site: Site, visit: Visit, problems: Sequence[Problem] = ()) -> Response:
    with site.database.reading() as db:
        mailbox = _holder(db, site, visit)
        if mailbox is None:
            return leaving.broken(site)
        address = holders.masked(mailbox)
    return render(
        site,
        "choose",
        "Meine Einstellungen",
        status=joining.UNFIT if problems else 200,
        other=f"{visit.path}#leichte-sprache",
        action=visit.path,
        address=address,
        problems=problems,
        typed={name: visit.typed(name) for name in _FIELDS},
    )


_FIELDS: Final = (entries.EMAIL, entries.STYLE, "erinnerung", "pause", UNTIL, "thema")

_BY_BUTTON: Final[Mapping[str, Callable[[Site, Visit], Response]]] = {
    "speichern": _save,
    "adresse": _move,
    "daten": _send_data,
    "abmelden": _leave,
}

ROUTES: Final = (Route(PATH, show, act),)
