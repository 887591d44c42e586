"""What hostile mail costs: memory and processor time, each in a process of its own.

Nothing is asserted about time here; aimed at are one second and 160 MB for each.
The memory is also tested (``tests/unit/inbound/test_cost.py``).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.hostile import GIANTS, SMALL, TEXTS, cost_of, letter


def main() -> None:
    """Print one line for each attack."""
    attacks = {
        **{f"giant: {name}": made() for name, made in GIANTS.items()},
        **{f"small: {name}": content for name, content in SMALL.items()},
        **{f"text: {name}": letter(text) for name, text in TEXTS.items()},
    }
    for name, content in attacks.items():
        cost = cost_of(content)
        print(
            f"{name:28} {len(content) / 1e6:6.1f} MB "
            f"-> {cost.peak / 1e6:6.1f} MB, {cost.seconds:5.2f} s, {cost.kind}"
        )


if __name__ == "__main__":
    main()
