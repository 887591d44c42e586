"""What a mail does: one function per kind and command, in one transaction.

Whatever is not certain goes to the coordinator, and its sender gets one friendly
answer. Every letter that follows is owed through the ledger; nothing here sends.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from mailer.coordination import rights
from mailer.editions.service import service_facts
from mailer.inbound import (
    at_the_desk,
    bounces,
    contributions,
    departures,
    joining,
    remarks,
    too_large,
)
from mailer.inbound.answers import answer, answer_to_sender, is_automatic
from mailer.inbound.classify import MAX_TOKENS, random_tokens
from mailer.inbound.desk import (
    Case,
    Desk,
    Effect,
    address_of,
    lies_with_a_person,
)
from mailer.inbound.forwarding import hand_over
from mailer.inbound.kinds import CommandKind, Context, Kind, Note
from mailer.inbound.page import Written
from mailer.inbound.pausing import find_pause
from mailer.inbound.reading import Message, read
from mailer.inbound.reminding import find_wish
from mailer.inbound.sources import HEAD_OCTETS
from mailer.outbox import reminders
from subscribers import confirmation, mailboxes, subscription
from subscribers.models import Mailbox
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from mailer.inbound.kinds import Classified, World
    from mailer.inbound.models import Incoming
    from subscribers.database import Db

NOT_UNDERSTOOD: Final = "not_understood"

TOO_LARGE: Final = "too_large"
"""The rule of a mail whose bytes we do not have: it stays where it lies."""

OURSELVES: Final = "auto.ourselves"
"""The rule of a mail from an address of ours; the coordinator may write from it too."""

_SILENT: Final = frozenset({Note.GRIEF, Note.ANGER, Note.DATA_PROTECTION})
"""A program has no words for these; the coordinator writes."""

_STYLES: Final = {
    CommandKind.STYLE_EASY: LetterStyle.EASY,
    CommandKind.STYLE_STANDARD: LetterStyle.STANDARD,
}

_CONTEXTS: Final = {
    "confirmation": Context.CONFIRM,
    "edition": Context.INVITATION,
}


def apply(
    desk: Desk,
    db: Db,
    classified: Classified,
    content: bytes,
    incoming: Incoming,
    now: datetime,
) -> str:
    """Let a mail have its effect; return the name of what was done.

    Args:
        db: The transaction in which *incoming* is written; it commits both.
        incoming: Its row, with an id; whom and what the mail is about is filled in.
        now: The present moment.

    Source: RFC 3834, section 2, for everything that is answered.
    """
    is_large = classified.rule == TOO_LARGE
    message = read(content[:HEAD_OCTETS] if is_large else content)
    known = message if isinstance(message, Message) else None
    sender = address_of(known.sender) if known is not None else None
    case = Case(classified, known, content, incoming, sender, now)
    return _BY_KIND[classified.kind](db, desk, case)


def context_of(db: Db, message: Message, *, now: datetime) -> Context:
    """Return which letter of ours *message* answers, by its token or references."""
    for token in islice(random_tokens(message), MAX_TOKENS):
        if confirmation.find(db, token, now=now) is not None:
            return Context.CONFIRM
    for occasion in joining.occasions(db, message):
        found = _CONTEXTS.get(occasion.partition("/")[0])
        if found is not None:
            return found
    return Context.NEW


def world_of(
    db: Db, desk: Desk, world: World, message: Message, now: datetime
) -> World:
    """Return *world* with what only the database knows about *message*.

    Some mail programs lose the references; then our own subject may tell.
    """
    known = rights.roles(db, desk.settings, now=now)
    context = context_of(db, message, now=now)
    told = context if context is not Context.NEW else None
    return replace(
        world,
        context=told,
        coordinators=frozenset(known),
        is_partner=contributions.speaker(db, address_of(message.sender)) is not None,
        answers_update=contributions.answers_update(db, message),
    )


def unsubscribe(db: Db, desk: Desk, case: Case) -> Effect | None:
    """End what is meant for whom a token names, else for the sender; say goodbye once.

    An unknown sender gets an answer that reveals nothing; so does one who has left
    before.

    Returns:
        None if somebody wants to leave what she never got, and gets something else.
    """
    mailbox = _leaver(db, case)
    is_silent = bool(_SILENT & set(case.classified.also))
    if mailbox is not None:
        case.incoming.mailbox_id = mailbox.id
        getting = [row.topic for row in joining.open_rows(db, mailbox)]
        topic = case.classified.topic
        if topic is not None and getting and topic not in getting:
            has_left = subscription.find(db, mailbox, topic) is not None
            return Effect.NOTHING_TO_LEAVE if has_left else None
        if topic is not None and len(getting) > 1:
            return _leave_one(db, desk, mailbox, topic, case)
        everything = tuple(Topic)
        ended = subscription.end_open(db, mailbox, everything, case.proof, now=case.now)
        confirmation.forget(db, mailbox, now=case.now)
        if ended:
            if not is_silent:
                facts = service_facts(desk.settings, ended=getting)
                answer(db, desk, "goodbye", mailbox, case, facts=facts)
            return Effect.LEFT_LIST
    if not is_silent:
        answer_to_sender(db, desk, "leaving_noted", case, is_told_by_state=True)
    return Effect.NOTHING_TO_LEAVE


def _leave_one(
    db: Db, desk: Desk, mailbox: Mailbox, topic: Topic, case: Case
) -> Effect:
    """End one topic of several, and tell which go on."""
    subscription.end_open(db, mailbox, (topic,), case.proof, now=case.now)
    kept = [row.topic for row in joining.open_rows(db, mailbox)]
    if not _SILENT & set(case.classified.also):
        facts = service_facts(desk.settings, ended=(topic,), kept=kept)
        answer(db, desk, "topic_ended", mailbox, case, facts=facts)
    return Effect.LEFT_TOPIC


def set_style(
    db: Db, desk: Desk, mailbox: Mailbox, style: LetterStyle, case: Case
) -> Effect | None:
    """Write in *style* from now on; None if nobody subscribed asks for it."""
    if not joining.open_rows(db, mailbox):
        return None
    mailboxes.set_style(mailbox, style)
    db.flush()
    answer(db, desk, "style_changed", mailbox, case)
    return Effect.STYLE_CHANGED


def pause(
    db: Db, desk: Desk, mailbox: Mailbox, resume_on: date | None, case: Case
) -> Effect | None:
    """Send nothing until *resume_on*; None if nobody subscribed asks for it.

    Args:
        resume_on: The local day on which letters come again; None if nobody said.
    """
    rows = joining.open_rows(db, mailbox)
    if not rows:
        return None
    for row in rows:
        if row.state is SubscriptionState.ACTIVE:
            subscription.pause(
                db, mailbox, row.topic, resume_on=resume_on, now=case.now
            )
        else:
            row.resume_on = resume_on
    facts = service_facts(desk.settings, pause_until=resume_on)
    answer(db, desk, "paused", mailbox, case, facts=facts)
    return Effect.PAUSED


def set_reminders(
    db: Db, desk: Desk, mailbox: Mailbox, case: Case, *, reminds: bool
) -> Effect | None:
    """Send reminders from now on, or none; None if nobody is invited there."""
    if not reminders.choose(db, mailbox, reminds=reminds, now=case.now):
        return None
    folder = "reminders_on" if reminds else "reminders_off"
    answer(db, desk, folder, mailbox, case)
    return Effect.REMINDERS_CHANGED


def _obey(db: Db, desk: Desk, case: Case) -> Effect:
    """Do what a command says; what cannot be done is for a human."""
    mailbox = _writer(db, case)
    done = _command(db, desk, mailbox, case)
    if done is None:
        return _to_a_human(db, desk, case)
    if case.classified.is_handed_over:
        hand_over(db, desk, case, *remarks.of(case), remarks.TOLD[done])
    return done


def _instruct(db: Db, desk: Desk, case: Case) -> Effect:
    """Do what the coordinator says; who may not say it any more is a human like any."""
    return at_the_desk.obey(db, desk, case) or _to_a_human(db, desk, case)


def _command(db: Db, desk: Desk, mailbox: Mailbox | None, case: Case) -> Effect | None:
    command = case.classified.command
    if command in _BY_COMMAND:
        return _BY_COMMAND[command](db, desk, case)
    if mailbox is None or command is CommandKind.NONE:
        return None
    if command is CommandKind.CHANGE_ADDRESS:
        return joining.change_address(db, desk, mailbox, case)
    return set_style(db, desk, mailbox, _STYLES[command], case)


def _help(db: Db, desk: Desk, case: Case) -> Effect:
    answer_to_sender(db, desk, "help", case)
    return Effect.HELPED


def _to_a_human(db: Db, desk: Desk, case: Case) -> Effect:
    """Show the mail to the coordinator; its sender hears that it has arrived."""
    mailbox = _writer(db, case)
    if mailbox is not None and (done := _asked_alone(db, desk, mailbox, case)):
        return done
    effect = _show(db, desk, case)
    departures.tell(db, desk, case)
    if _is_ours_to_answer(db, effect, case):
        # What could not be done for her alone must not be told to anybody else.
        is_told = case.classified.kind is Kind.COMMAND
        answer_to_sender(db, desk, NOT_UNDERSTOOD, case, is_told_by_state=is_told)
    return effect


def _asked_alone(db: Db, desk: Desk, mailbox: Mailbox, case: Case) -> Effect | None:
    """Do what a reader of ours asks for and nothing else: a pause, no reminders.

    None if she asks for neither, or for more.

    In a person's own mailbox only a reply to a letter of ours is meant for us.
    """
    classified, message = case.classified, case.message
    if classified.kind is not Kind.HUMAN or classified.also or message is None:
        return None
    if lies_with_a_person(desk, case.incoming) and (
        context_of(db, message, now=case.now) is Context.NEW
    ):
        return None
    today = case.now.astimezone(desk.settings.series[0].zone).date()
    paused = find_pause(classified.own_text, today=today)
    if paused is not None:
        return pause(db, desk, mailbox, paused.until, case)
    written = Written(classified.own_text, message.subject, message.sender.lower())
    reminds = find_wish(written)
    if reminds is None:
        return None
    return set_reminders(db, desk, mailbox, case, reminds=reminds)


def _is_ours_to_answer(db: Db, effect: Effect, case: Case) -> bool:
    """Tell whether the sender hears from a program.

    In a mailbox that a person reads too, her own mail is none of our business: there
    only a command that failed, or a reply to a letter of ours, is answered.
    """
    if case.message is None or _SILENT & set(case.classified.also):
        return False
    return (
        effect is Effect.HANDED_OVER
        or case.classified.kind is Kind.COMMAND
        or context_of(db, case.message, now=case.now) is not Context.NEW
    )


def _show(db: Db, desk: Desk, case: Case) -> Effect:
    if case.classified.rule == TOO_LARGE:
        too_large.tell(db, desk, case)
        contributions.tell_too_large(db, desk, case)
        return Effect.KEPT
    is_on_its_way = hand_over(db, desk, case, *remarks.of(case))
    return Effect.HANDED_OVER if is_on_its_way else Effect.KEPT


def _note(db: Db, desk: Desk, case: Case) -> Effect:
    """Keep quiet about a machine's mail, unless a human should see it."""
    bounces.find_delivery(db, case)
    if departures.tell(db, desk, case):
        return Effect.HANDED_OVER
    is_shown = case.classified.is_handed_over or _is_by_her_own_hand(case)
    return _show(db, desk, case) if is_shown else Effect.NOTED


def _is_by_her_own_hand(case: Case) -> bool:
    """Tell whether a person wrote from the address that our letters come from."""
    return (
        case.classified.rule == OURSELVES
        and case.message is not None
        and not is_automatic(case.message)
    )


def _writer(db: Db, case: Case) -> Mailbox | None:
    """Return the sender's mailbox; whoever writes from it shows that it works."""
    mailbox = mailboxes.find(db, case.sender) if case.sender is not None else None
    if mailbox is not None:
        case.incoming.mailbox_id = mailbox.id
        bounces.wake(db, mailbox, case)
    return mailbox


def _leaver(db: Db, case: Case) -> Mailbox | None:
    """Return who leaves: whom our token names, else the sender."""
    claim = case.classified.claim
    if claim is not None:
        named = db.get(Mailbox, claim.mailbox_id)
        if named is not None and named.token_version == claim.version:
            return named
    return mailboxes.find(db, case.sender) if case.sender is not None else None


_BY_COMMAND: Final[Mapping[CommandKind, Callable[[Db, Desk, Case], Effect | None]]] = {
    CommandKind.SUBSCRIBE: joining.subscribe,
    CommandKind.CONFIRM: joining.confirm,
    CommandKind.UNSUBSCRIBE: unsubscribe,
    CommandKind.HELP: _help,
    CommandKind.CONTRIBUTE: contributions.take,
    CommandKind.DESCRIBE: contributions.describe,
}
"""Commands that need no mailbox of ours."""

_BY_KIND: Final[Mapping[Kind, Callable[[Db, Desk, Case], Effect]]] = {
    Kind.REPORT: bounces.report,
    Kind.COMPLAINT: bounces.complaint,
    Kind.AUTO: _note,
    Kind.INSTRUCTION: _instruct,
    Kind.COMMAND: _obey,
    Kind.HUMAN: _to_a_human,
    Kind.CHALLENGE: _show,
    Kind.UNREADABLE: _show,
}
