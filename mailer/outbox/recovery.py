"""What a crash left behind: expired leases and doubtful deliveries.

Run at the start and at the end of every run; running it twice changes nothing more.
"""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox import interventions, places
from mailer.outbox.models import Lease
from mailer.outbox.moves import set_aside

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from subscribers.database import Db

INTERRUPTED: Final = "Das Senden wurde unterbrochen; die Antwort des Servers fehlt."
RESENT: Final = "Ein zweites, gleiches Exemplar: die erste Antwort ging verloren."

_WORKER: Final = re.compile(r"(?P<host>.+)/(?P<pid>\d+)/(?P<nonce>\w+)")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a sweep found: deliveries per kind of trouble.

    Attributes:
        interrupted: Leases taken back.
        resent: Doubtful deliveries queued for their second copy.
        overdue: Held, because nobody was there when they should have left.
    """

    interrupted: int
    resent: int
    overdue: int = 0


def worker_name(nonce: str) -> str:
    """Return the name of this process as a worker: "host/4711/nonce".

    Args:
        nonce: Letters and digits, never used before on this machine.
    """
    return f"{socket.gethostname()}/{os.getpid()}/{nonce}"


def is_dead(worker: str, *, here: str) -> bool:
    """Tell whether *worker* ran on this machine and certainly runs no more.

    A process elsewhere, or one whose number was given away again, is left to its
    lease: waiting is safe, guessing is not.

    Args:
        worker: A name made by ``worker_name``.
        here: The name of this process.
    """
    theirs, ours = _WORKER.fullmatch(worker), _WORKER.fullmatch(here)
    if theirs is None or ours is None or theirs["host"] != ours["host"]:
        return False
    try:
        os.kill(int(theirs["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    # The same number, but another life of it: the process before a restart.
    return theirs["pid"] == ours["pid"] and theirs["nonce"] != ours["nonce"]


def sweep(
    db: Db,
    *,
    here: str,
    resends: bool,
    now: datetime,
    overdue_after: timedelta | None = None,
) -> Recovered:
    """Take leases from dead workers and settle what may be settled without asking.

    Args:
        here: The name of this process as a worker.
        resends: The setting ``on_doubt = "resend"``: one more copy of what is in
            doubt. Otherwise doubt waits for a proof or a person.
        overdue_after: The setting of this name; None lets everything leave, however
            late it is.
    """
    workers = db.scalars(sa.select(Lease.worker)).all()
    dead = [name for name in workers if is_dead(name, here=here)]
    interrupted = interventions.end_leases(db, dead, reason=INTERRUPTED, now=now)
    set_aside(db, now=now)
    resent = interventions.retry_doubtful(db, reason=RESENT, now=now) if resends else 0
    last_work_at = places.note_work(db, now=now)
    overdue = 0
    if overdue_after is not None:  # at the end: also a second copy may be too late
        overdue = interventions.hold_overdue(
            db, overdue_after=overdue_after, last_work_at=last_work_at, now=now
        )
    return Recovered(interrupted=interrupted, resent=resent, overdue=overdue)
