"""How many items of a run are under way at once, and how long to wait before more: AWS says when it is too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

MOST_AT_ONCE = 64
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 15.0
ASIDE_AFTER = 5
GIVEN_UP_AFTER = 40
"""Rounds, with the longest wait before each: ten minutes."""


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


class PutOff:
    """Items that AWS puts off again and again: they wait until the others are done, so that one holds up none."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._went_on = False
        self._rounds = 0

    def learn(self, ended: Mapping[int, bool]) -> None:
        """Take what ended last into account.

        Args:
            ended: whether it was put off, by position of the item.
        """
        for position, is_put_off in ended.items():
            if is_put_off:
                self._counts[position] += 1
            else:
                del self._counts[position]
                self._went_on = True
        if ended:
            self._rounds = self._rounds + 1 if ended.keys() <= set(self.aside) else 0

    @property
    def aside(self) -> list[int]:
        """Positions of items that are left for the end."""
        return [position for position, count in self._counts.items() if count >= ASIDE_AFTER]

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing else is left, for long, while others were answered: where none is, S3 is just away."""
        return self._went_on and self._rounds >= GIVEN_UP_AFTER
