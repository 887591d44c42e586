"""The door of the archive for whoever shows it: pages, commands, an export.

* ``published(db, settings)``: every edition in it, the newest first;
* ``find(db, settings, code)``: the one whose page has this code, listed or not;
* ``copy(db, edition_id, style)``: what it said, with neutral words for what is
  personal; ``copy.message`` is the .eml;
* ``files(db, edition_id)``: documents and pictures of the contributions it tells; the
  letter links to ``#datei-17`` of its page, for the file with the id 17;
* ``page_address(settings, code)``: where its page is.

What is unlisted has its page for who has the address, and stands in no list, feed or
index. Everything here only reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from mailer.archive.keeping import address
from mailer.archive.models import ArchiveCopy, ArchiveEntry
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.errors import PlanRefused
from mailer.network import gathered
from mailer.network.kinds import ContributionKind
from mailer.network.states import ContributionState
from mailer.settings.model import Listing
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.editions.models import EditionId
    from mailer.network.models import ContributionFile
    from mailer.settings.model import Settings
    from subscribers.database import Db


@dataclass(frozen=True, slots=True)
class Published:
    """One edition in the archive.

    Attributes:
        code: Names its page.
        subject: In standard German.
        is_listed: Everybody may find it; else only who has the address of its page.
    """

    edition_id: EditionId
    code: str
    kind: EditionKind
    subject: str
    issued_at: datetime
    is_listed: bool


def published(db: Db, settings: Settings) -> list[Published]:
    """Return every edition in the archive, the newest first."""
    rows = db.execute(
        _everything().order_by(ArchiveEntry.issued_at.desc(), Edition.id.desc())
    )
    return [_published(row, settings) for row in rows]


def find(db: Db, settings: Settings, code: str) -> Published | None:
    """Return the edition whose page has *code*; None if there is none."""
    row = db.execute(_everything().where(ArchiveEntry.code == code)).first()
    return _published(row, settings) if row is not None else None


def copy(db: Db, edition_id: int, style: LetterStyle) -> ArchiveCopy:
    """Return what an edition said in one style.

    Raises:
        PlanRefused: It is not in the archive.
    """
    found = db.scalars(
        sa.select(ArchiveCopy)
        .options(undefer(ArchiveCopy.message))
        .where(ArchiveCopy.edition_id == edition_id, ArchiveCopy.style == style)
    ).first()
    if found is None:
        raise PlanRefused(
            f"Im Archiv gibt es keine Aussendung mit der Nummer {edition_id}. Alle "
            "Nummern zeigt „mia archive list“."
        )
    return found


def files(db: Db, edition_id: int) -> Sequence[ContributionFile]:
    """Return the files of the contributions that an edition tells, in its order.

    A picture that nobody described is not among them.
    """
    edition = db.get(Edition, edition_id)
    if edition is None or edition.quarter is None:
        return []
    told = gathered.everything(
        db, states=(ContributionState.TOLD,), quarter=edition.quarter.first
    )
    return [
        file
        for one in told
        if one.kind is ContributionKind.NEWS
        for file in one.files
        if file.is_shown
    ]


def page_address(settings: Settings, code: str) -> str:
    """Return where the page of an edition is; empty without public pages."""
    return address(settings.web_base_url, code)


def _everything() -> sa.Select[
    EditionId, str, EditionKind, EditionState, str, datetime
]:
    is_standard = sa.and_(
        ArchiveCopy.edition_id == ArchiveEntry.edition_id,
        ArchiveCopy.style == LetterStyle.STANDARD,
    )
    return (
        sa.select(
            Edition.id,
            ArchiveEntry.code,
            Edition.kind,
            Edition.state,
            ArchiveCopy.subject,
            ArchiveEntry.issued_at,
        )
        .join(ArchiveEntry, ArchiveEntry.edition_id == Edition.id)
        .join(ArchiveCopy, is_standard)
    )


def _published(
    row: sa.Row[EditionId, str, EditionKind, EditionState, str, datetime],
    settings: Settings,
) -> Published:
    edition_id, code, kind, state, subject, issued_at = row
    for_partners = kind is EditionKind.NETWORK_UPDATE
    is_listed = not for_partners or settings.network_update.archive is Listing.LISTED
    return Published(
        edition_id=edition_id,
        code=code,
        kind=kind,
        subject=subject,
        issued_at=issued_at,
        # What was called back is kept, because somebody may have got it.
        is_listed=is_listed and state is not EditionState.WITHDRAWN,
    )
