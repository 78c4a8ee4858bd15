"""How a long job reports what it is doing, whoever is watching."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the steps of a job. Calls may come from several threads."""

    def start(self, task: str, total: int | None, unit: str) -> None:
        """A task begins; `unit` is one of bytes, files, reports, rows, requests, steps."""

    def advance(self, task: str, amount: int) -> None:
        """`amount` more units of a task are done."""

    def finish(self, task: str) -> None:
        """A task is over."""

    def note(self, text: str) -> None:
        """Something a person should read now."""


class Silent:
    """Progress that nobody watches."""

    def start(self, task: str, total: int | None, unit: str) -> None: ...

    def advance(self, task: str, amount: int) -> None: ...

    def finish(self, task: str) -> None: ...

    def note(self, text: str) -> None: ...
