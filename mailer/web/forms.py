"""What visitors send: read within limits of size, number and time.

Source: RFC 7578 (multipart/form-data); HTML, "URL-encoded form data".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from mailer.web.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.requests import Request

MAX_OCTETS: Final = 64 * 1024
"""Of a whole body: a long message in a form, twenty times over."""

MAX_FIELDS: Final = 50
"""Our longest form has a dozen."""

MAX_SECONDS: Final = 20.0
"""For a whole body: a slow telephone line needs two."""

URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"


async def read(
    request: Request, *, must_be_form: bool
) -> Mapping[str, tuple[str, ...]]:
    """Return what a form brought: all values of each name, in their order.

    Args:
        must_be_form: Otherwise a body that cannot be read counts as an empty one.

    Raises:
        Refused: It is too large, too slow, or no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _within_time(request)
    try:
        pairs = await _pairs(request, kind, body)
    except Refused:
        if must_be_form:
            raise
        pairs = []
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value.replace("\x00", "\ufffd"))
    return found


async def _pairs(request: Request, kind: str, body: bytes) -> list[tuple[str, str]]:
    if kind == MULTIPART:
        return await _multipart(request, body)
    if kind == URLENCODED or not body:
        return _urlencoded(body)
    raise Refused(415)


async def _within_time(request: Request) -> bytes:
    try:
        async with asyncio.timeout(MAX_SECONDS):
            return await _body(request)
    except TimeoutError:
        raise Refused(408) from None
    except ClientDisconnect:
        raise Refused(400) from None


async def _body(request: Request) -> bytes:
    promised = request.headers.get("content-length", "0")
    if not promised.isascii() or not promised.isdecimal():
        raise Refused(400)
    if int(promised) > MAX_OCTETS:
        raise Refused(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_OCTETS:
            raise Refused(413)
    return bytes(body)


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Refused(400) from None


async def _multipart(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers,
        chunks(),
        max_files=0,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_OCTETS,
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise Refused(400) from None
    return [
        (name, value)
        for name, value in form.multi_items()
        if not isinstance(value, UploadFile)
    ]
