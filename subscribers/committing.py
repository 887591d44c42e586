"""How a transaction ends: committed, in somebody's way, or not at all.

Every way to open one goes through these few rooms, so what a driver reports means the
same everywhere, and every commit has its failpoints.
"""

from __future__ import annotations

import errno
import time
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from subscribers import failpoints, store_words
from subscribers.errors import StoreConflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
R = TypeVar("R")

REST_BEFORE_TRY: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Seconds before each further try of a transaction that others take back. One of two
always gets on, so there are more tries than a handful of programs can use up."""


_DRIVER_SAYS: Final = {
    errno.EIO: "disk I/O error",
    errno.ENOSPC: "database or disk is full",
    errno.EAGAIN: "database is locked",
}
"""SQLite's words for what a failpoint makes happen."""


def insistently(
    opened: Callable[[], AbstractContextManager[T]], function: Callable[[T], R]
) -> R:
    """Run *function* in a transaction; begin anew when another one takes it back.

    Raises:
        StoreConflict: That went on for too long.
    """
    for rest in REST_BEFORE_TRY:
        with suppress(StoreConflict), opened() as db:
            return function(db)
        time.sleep(rest)
    with opened() as db:
        return function(db)


@contextmanager
def committing(
    name: str, transaction: AbstractContextManager[object]
) -> Iterator[None]:
    """Go through *transaction*, past the failpoints before and after its commit."""
    with transaction:
        yield
        reach(f"{name}.before")
    reach(f"{name}.after")


@contextmanager
def translated(engine: sa.Engine) -> Iterator[None]:
    """Turn the driver's errors about the store itself into ours.

    Raises:
        StoreBusy, StoreConflict, StoreUnavailable: As it says.
    """
    driver = engine.dialect.loaded_dbapi
    ours = sa.exc.IntegrityError, sa.exc.ProgrammingError
    theirs = driver.IntegrityError, driver.ProgrammingError
    try:
        yield
    except (*ours, *theirs, DBAPIError, driver.Error) as error:
        said = getattr(error, "orig", None) or error
        is_ours = isinstance(error, (*ours, *theirs))
        if is_ours and not store_words.is_about_store(said):
            raise
        raise store_words.meant(said) from error


def reach(name: str) -> None:
    """Come to a failpoint; what fails there fails as in the driver."""
    try:
        failpoints.reach(name)
    except OSError as error:
        said = _DRIVER_SAYS.get(error.errno or 0, str(error))
        raise sa.exc.OperationalError("COMMIT", None, Exception(said)) from error
