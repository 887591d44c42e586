"""Templates that were compiled already: for all tests of a process, and its children.

Each test opens the program anew, and the program compiles each template once; without
this that would be a fifth of what a test with a letter does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache
from typing_extensions import override

from mailer.rendering import environment

if TYPE_CHECKING:
    from types import CodeType

    from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps each template's code by its name, its file and its text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def keep_templates() -> None:
    """From now on, compile each template once in this process."""
    names = vars(environment)
    plain = names["ImmutableSandboxedEnvironment"]
    names["ImmutableSandboxedEnvironment"] = partial(plain, bytecode_cache=Compiled())
