"""Signatures for the copies of a letter: what they share is made canonical once.

A signature needs the work of a private key, and a hash of all octets; to bring those
into their canonical form costs more than Ed25519 does. So the pieces that copies share
are brought into it once, with marks for what is one reader's own, and only that is
brought into it each time.

What is a reader's own is the value of a field, or lines of a body, or a part of one of
them (see ``splice``). It neither begins nor ends with a space that touches another, so
what is around it does not depend on it. The first signature of a letter is made both
ways and compared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailer.rendering import dkim
from mailer.rendering.parcel import Content

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.rendering.dkim import SigningKey


class Signer:
    """Signs contents, each like ``dkim.sign`` to the last bit."""

    def __init__(self, keys: Sequence[SigningKey], *, at: datetime) -> None:
        """Begin without having signed any; the arguments are those of ``sign``."""
        self._keys = keys
        self._at = at
        self._known: tuple[bytes, ...] = ()
        self._form: _Form | None = None

    def signed(self, content: Content) -> Content:
        """Return *content* with one signature for each key on top."""
        if content.shared is not self._known:
            return self._looked_at(content)
        if self._form is None:
            return self._plain(content)
        return self._form.signed(content)

    def _looked_at(self, content: Content) -> Content:
        """Sign one that shares nothing, or the first of those that share something."""
        whole = self._plain(content)
        if any(content.shared):
            form = _Form(content.shared, self._keys, self._at)
            is_true = bytes(form.signed(content)) == bytes(whole)
            self._known, self._form = content.shared, form if is_true else None
        return whole

    def _plain(self, content: Content) -> Content:
        return Content.whole(dkim.sign(bytes(content), self._keys, at=self._at))


class _Form:
    """The canonical form of a letter in pieces, and the signatures up to the digest."""

    def __init__(
        self, shared: tuple[bytes, ...], keys: Sequence[SigningKey], at: datetime
    ) -> None:
        marks = tuple(b"\0%d\0" % number for number in range(len(shared) - 1))
        canonical = dkim.canonical_form(bytes(Content(shared, marks)))
        tags = [dkim.tags_before_digest(key, canonical.names, at=at) for key in keys]
        self._keys = [
            (key, dkim.relaxed_field(before))
            for key, before in zip(keys, tags, strict=True)
        ]
        self._shared = (*tags, *shared)
        self._header = _Pieces(canonical.header)
        self._body = _Pieces(canonical.body)
        self._in_header = self._body.numbers[0]

    def signed(self, content: Content) -> Content:
        """Return *content* with the signatures on top."""
        own, end = content.own, self._in_header
        header = dkim.relaxed_value(b"\0".join(own[:end])).split(b"\0")
        body = dkim.relaxed_lines(b"\0".join(own[end:])).split(b"\0")
        digest = dkim.digest_of(self._body.filled(body))
        covered = self._header.filled([header[n] for n in self._header.numbers])
        signatures = [
            dkim.signature(key, before, digest, covered) for key, before in self._keys
        ]
        return Content(self._shared, (*signatures, *own))


class _Pieces:
    """A text in pieces: every second one is somebody's own.

    Attributes:
        numbers: Which ones, in their order.
    """

    def __init__(self, marked: bytes) -> None:
        """Cut a text at its marks."""
        pieces = re.split(rb"\0(\d+)\0", marked)
        self.numbers = [int(number) for number in pieces[1::2]]
        self._pieces = pieces

    def filled(self, own: Sequence[bytes]) -> bytes:
        """Return the text with what is somebody's own, in the order of *numbers*."""
        pieces = self._pieces.copy()
        pieces[1::2] = own
        return b"".join(pieces)
