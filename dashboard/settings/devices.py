"""The devices of the archive and the names they may give."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from dashboard.domain.naming import DeviceGrammar, GrammarError, check_examples, compile_device, junk_pattern
from dashboard.domain.naming_language import groups_of, widths_of
from dashboard.domain.pairs import DevicePairs
from dashboard.settings.faults import at_field
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


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Device(Section):
    """One kind of device: its folder, its units and the names it may give.

    Attributes:
        key: the name template; or else
        pattern: an expression with named groups, whose captured groups have the formats `captured_format`.
        parts: further parts of the template: closed lists, or kinds such as "digits:6".
        sequence: how {seq} runs: anew each day, for each unit, on and on, or none of these (gaps are no faults then).
        sequence_wraps_at: the highest number, after which it begins again; left out, the highest of its width.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name: Annotated[dict[Literal["en", "ja"], str], BeforeValidator(_as_names)] = Field(default={})
    folder: str = Field(pattern=r"^[^/][^\x00-\x1f]*/$")
    units: tuple[str, ...] = Field(min_length=1)
    extensions: tuple[str, ...] = Field(min_length=1)
    key: str = ""
    pattern: str = ""
    captured_format: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    parts: dict[str, tuple[str, ...] | str] = Field(default={})
    sequence: Literal["none", "per_day", "per_unit", "running"] = "none"
    sequence_wraps_at: int | None = Field(default=None, ge=1)
    in_use_from: date
    in_use_to: date | None = None
    silent_after_days: int | None = Field(default=None, ge=1, le=36500)
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
        for first, second in self.pairs:
            if first == second or first not in {*self.extensions, "ets"}:
                raise ValueError(
                    f"pairs: [{first!r}, {second!r}] must be an extension of the device and another one"
                )
        return self

    def lone_partner(self, naming: Naming) -> str:
        """The first partner of a pair that is no file of the device and no companion of any; '' if there is none."""
        companion = re.compile(junk_pattern(naming.companions))
        known = {*self.extensions, "ets"}
        return next(
            (
                second
                for _, second in self.pairs
                if second not in known and not companion.search(f"x.{second}")
            ),
            "",
        )

    @model_validator(mode="after")
    def _grammar_holds(self) -> Self:
        try:
            if bool(self.key) == bool(self.pattern):
                raise GrammarError("key", "give either `key`, a template, or `pattern`, an expression")
            if self.pattern and self.parts:
                raise GrammarError("parts", "write them into the expression; parts are for templates")
            if self.key and self.captured_format:
                raise GrammarError("captured_format", "a template has its formats in {captured:…}")
            check_examples(self.grammar, self.good, self.bad)
            self._check_sequence()
        except GrammarError as error:
            raise at_field(error) from None
        return self

    def _check_sequence(self) -> None:
        if self.sequence == "none":
            if self.sequence_wraps_at is not None:
                raise GrammarError("sequence_wraps_at", "say in `sequence` how the number runs")
        elif "seq" not in self.grammar.groups:
            raise GrammarError("sequence", "a sequence needs {seq} in the names")
        elif (last := self._highest_number()) is not None and (self.sequence_wraps_at or 0) > last:
            raise GrammarError("sequence_wraps_at", f"{{seq}} goes up to {last} only")

    @property
    def grammar(self) -> DeviceGrammar:
        """The compiled name template."""
        return compile_device(
            device_id=self.id,
            folder=self.folder,
            template=self.key,
            expression=self.pattern,
            formats=self.captured_format,
            parts=self.parts,
            units=self.units,
            extensions=self.extensions,
            in_use_from=self.in_use_from,
            in_use_to=self.in_use_to,
        )

    @property
    def sequence_last(self) -> int | None:
        """The number after which {seq} begins again; None if it does not run, or has no width to run out of."""
        return None if self.sequence == "none" else self.sequence_wraps_at or self._highest_number()

    def _highest_number(self) -> int | None:
        for group in groups_of(self.grammar.language):
            if group.name == "seq":
                most = widths_of(group)[1]
                # 18 digits are what a BIGINT holds.
                return None if most is None or most > 18 else 10**most - 1
        return None

    @property
    def device_pairs(self) -> DevicePairs:
        """The files that belong together."""
        return DevicePairs(self.folder, self.pairs)

    def label(self, language: str) -> str:
        """The device's name in a language, else in the other one, else its id."""
        return self.name.get(language) or next(iter(self.name.values()), self.id)  # type: ignore[call-overload]
