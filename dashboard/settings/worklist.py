"""Who looks after what the archive's rules find."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from dashboard.settings.section import Section


class Owner(Section):
    """A person or a team on the worklist; new findings of `devices` are theirs until somebody decides otherwise."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^,]*$")
    email: str = Field(default="", pattern=r"^$|^[^@\s]+@[^@\s]+$")
    devices: tuple[str, ...] = ()


class Worklist(Section):
    """The worklist: its people, and the name under which somebody writes who has not logged in."""

    operator: str = Field(default="local operator", min_length=1, max_length=100)
    owners: tuple[Owner, ...] = ()

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        for what, values in (
            ("owner", [item.name for item in self.owners]),
            ("device of an owner", [device for item in self.owners for device in item.devices]),
        ):
            twice = {value for value in values if values.count(value) > 1}
            if twice:
                raise ValueError(f"{what} given twice: {', '.join(sorted(twice))}")
        return self

    @property
    def devices_by_owner(self) -> dict[str, tuple[str, ...]]:
        """Devices by the name of their owner, for owners who have any."""
        return {item.name: item.devices for item in self.owners if item.devices}
