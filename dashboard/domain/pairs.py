"""Files that belong together: a raw image and its JPEG, a VSI and the folder of its pixels, a still and its clip."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DevicePairs:
    """The pairs one device makes.

    Attributes:
        pairs: (file, partner) by extension; a file without its partner is a finding, not the other way round.
    """

    folder: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def extensions(self) -> tuple[str, ...]:
        """Every extension of a pair, once, in order."""
        return tuple(dict.fromkeys(extension for pair in self.pairs for extension in pair))
