"""A disk that takes its time, for a process that is started in this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment(folder: Path, sync_ms: int) -> Mapping[str, str] | None:
    """Return what a process needs around it; None without a C compiler.

    Args:
        folder: Where the compiled library may lie.
        sync_ms: What every sync takes, in milliseconds.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "slow_disk.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True
    )
    return {**os.environ, "LD_PRELOAD": str(library), "MIA_SYNC_MS": str(sync_ms)}
