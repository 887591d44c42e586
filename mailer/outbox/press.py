"""The press: what letters are made with, and no more of it than is asked for.

Most rounds make no letter. What makes one, the templates and all that reads and checks
them, is half of what the program loads; it is loaded with the first letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from mailer.meetings.closures import Closures
    from mailer.settings.model import Settings


@dataclass(frozen=True)
class Press:
    """What a letter is made with.

    Attributes:
        closures: Days without a meeting, for the list of later dates.
        new_message_id: Makes a Message-ID that was never used before.
    """

    settings: Settings
    closures: Closures
    new_message_id: Callable[[], str]

    @cached_property
    def environment(self) -> Environment:
        """The templates.

        Raises:
            TemplateBroken: The folder with own templates does not exist.
        """
        from mailer.rendering.environment import (  # noqa: PLC0415 - see the module
            open_environment,
        )

        return open_environment(self.settings.templates)
