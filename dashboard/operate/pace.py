"""How many items of a run are under way at once, and how long to wait before more: AWS says when it is too much."""

from __future__ import annotations

MOST_AT_ONCE = 64
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 15.0


class Pace:
    """How many items at once, and how long to wait before: halved when AWS asks for it, growing again slowly."""

    def __init__(self) -> None:
        self.count = 16
        self.wait_seconds = 0.0

    def learn(self, is_throttled: bool) -> None:
        """Take what ended last into account."""
        if is_throttled:
            self.count = max(1, self.count // 2)
            self.wait_seconds = min(LONGEST_WAIT_SECONDS, max(FIRST_WAIT_SECONDS, self.wait_seconds * 2))
        else:
            self.count = min(MOST_AT_ONCE, self.count + 8)
            self.wait_seconds = self.wait_seconds / 2 if self.wait_seconds > FIRST_WAIT_SECONDS else 0.0
