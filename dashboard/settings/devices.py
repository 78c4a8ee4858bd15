"""The devices of the archive and the names they may give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from dashboard.domain.naming import DeviceGrammar, check_examples, compile_device
from dashboard.domain.pairs import DevicePairs
from dashboard.settings.section import Section


class Naming(Section):
    """Names that are no images of their own, whatever the device."""

    junk: tuple[str, ...] = (
        ".DS_Store",
        "._*",
        "Thumbs.db",
        "desktop.ini",
        "~$*",
        "*.tmp",
        "*.part",
    )
    companions: tuple[str, ...] = ("*.xmp", "*.aae", "*.thm", "_*_/stack*/*.ets")
    derivatives: tuple[str, ...] = (
        "*_thumb.*",
        "*_thumbnail.*",
        "*_preview.*",
        "thumbnails/*",
        "thumbs/*",
        "previews/*",
    )


def _as_names(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


class Device(Section):
    """One kind of device: its folder, its units and the names it may give."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name: Annotated[dict[Literal["en", "ja"], str], BeforeValidator(_as_names)] = Field(default={})
    folder: str = Field(pattern=r"^[^/][^\x00-\x1f]*/$")
    units: tuple[str, ...] = Field(min_length=1)
    extensions: tuple[str, ...] = Field(min_length=1)
    key: str
    in_use_from: date
    in_use_to: date | None = None
    silent_after_days: int | None = Field(default=None, ge=1)
    sequence: Literal["none", "per_day", "per_unit", "running"] = "none"
    pairs: tuple[tuple[str, str], ...] = ()
    good: tuple[str, ...] = Field(min_length=1)
    bad: tuple[str, ...] = Field(min_length=1)

    @field_validator("id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value == "unattributed":
            raise ValueError("'unattributed' is the row for objects of no device; choose another id")
        return value

    @model_validator(mode="after")
    def _pairs_hold(self) -> Self:
        known = {*self.extensions, "ets"}
        for first, second in self.pairs:
            if first == second or not {first, second} <= known:
                raise ValueError(
                    f"pairs: [{first!r}, {second!r}] must be two different extensions of the device"
                )
        return self

    @model_validator(mode="after")
    def _grammar_holds(self) -> Self:
        check_examples(self.grammar, self.good, self.bad)
        return self

    @property
    def grammar(self) -> DeviceGrammar:
        """The compiled name template."""
        return compile_device(
            device_id=self.id,
            folder=self.folder,
            template=self.key,
            units=self.units,
            extensions=self.extensions,
            in_use_from=self.in_use_from,
            in_use_to=self.in_use_to,
        )

    @property
    def device_pairs(self) -> DevicePairs:
        """The files that belong together."""
        return DevicePairs(self.folder, self.pairs)

    def label(self, language: str) -> str:
        """The device's name in a language, else in the other one, else its id."""
        return self.name.get(language) or next(iter(self.name.values()), self.id)  # type: ignore[call-overload]
