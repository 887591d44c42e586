"""The numbers for monitoring, from rows: the same whichever process is asked.

Names end in what they count; a label is a closed set of words. Nothing names anybody.

Source: Prometheus, "Text format" and "Metric and label naming".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from mailer.inbound.models import Incoming
from mailer.outbox.models import Delivery
from mailer.watching.models import Alarm, Pulse
from mailer.web.models import Wish
from subscribers.models import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from subscribers.database import Db


Labels: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number with all its labels.

    Attributes:
        name: "mia_deliveries".
        about: What it counts, for people.
        samples: A value for each set of labels.
    """

    name: str
    about: str
    samples: Mapping[Labels, float]

    def lines(self) -> Iterator[str]:
        """Yield the metric as text."""
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} gauge"
        for labels, value in self.samples.items():
            inside = ",".join(f'{key}="{word}"' for key, word in labels)
            yield (
                f"{self.name}{{{inside}}} {value:g}"
                if inside
                else (f"{self.name} {value:g}")
            )


def exposition(db: Db, *, now: datetime) -> str:
    """Return all numbers as text, one a line."""
    found = (
        _counted(db, "mia_deliveries", "Letters by state.", Delivery.state),
        _counted(
            db,
            "mia_subscriptions",
            "Subscriptions by topic and state.",
            Subscription.topic,
            Subscription.state,
        ),
        _number(
            db,
            "mia_alarms",
            "Alarms that last.",
            sa.select(sa.func.count(Alarm.id)).where(Alarm.ended_at.is_(None)),
        ),
        _number(
            db,
            "mia_mails_waiting",
            "Mails that wait for a person.",
            sa.select(sa.func.count(Incoming.id)).where(
                sa.or_(Incoming.effected_at.is_(None), Incoming.raw.is_not(None))
            ),
        ),
        _number(
            db,
            "mia_wishes_waiting",
            "Wishes from the pages that wait for the clerk.",
            sa.select(sa.func.count(Wish.id)),
        ),
        *_pulses(db, now=now),
    )
    return "\n".join(line for metric in found for line in metric.lines()) + "\n"


def _counted(
    db: Db, name: str, about: str, *columns: sa.orm.InstrumentedAttribute[str]
) -> Metric:
    rows = db.execute(
        sa.select(*columns, sa.func.count()).group_by(*columns).order_by(*columns)
    )
    samples: dict[Labels, float] = {
        tuple(
            (column.key, str(word)) for column, word in zip(columns, row, strict=False)
        ): float(row[-1])
        for row in rows
    }
    return Metric(name, about, samples)


def _number(db: Db, name: str, about: str, chosen: sa.Select[Any]) -> Metric:
    return Metric(name, about, {(): db.execute(chosen).scalar_one()})


def _pulses(db: Db, *, now: datetime) -> tuple[Metric, Metric]:
    found = db.scalars(sa.select(Pulse).order_by(Pulse.name)).all()
    failures: dict[Labels, float] = {
        (("loop", one.name.value),): float(one.failures) for one in found
    }
    silence: dict[Labels, float] = {
        (("loop", one.name.value),): (now - one.begun_at).total_seconds()
        for one in found
    }
    return (
        Metric("mia_loop_failures", "Failed rounds in a row.", failures),
        Metric("mia_loop_age_seconds", "Since the last round began.", silence),
    )
