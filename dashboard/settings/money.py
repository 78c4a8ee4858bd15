"""How money is shown: the currency, the exchange rates that the user keeps, tax, the fiscal year."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from dashboard.settings.section import Section

COLUMNS = ("month", "jpy_per_usd", "kind", "dated_on", "source")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def _month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise ValueError("must be a month such as 2026-10")
    return text


def _text(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must say where the rate comes from")
    return text


class Rate(Section):
    """What a dollar of one month's bill is in yen; the rate of the invoice counts before one of the market."""

    month: Annotated[str, AfterValidator(_month)]
    jpy_per_usd: Decimal = Field(gt=10, lt=1_000, max_digits=12, decimal_places=6)
    kind: Literal["invoice", "market"] = "invoice"
    dated_on: date
    source: Annotated[str, AfterValidator(_text)] = Field(max_length=200)


class Money(Section):
    """How amounts are shown. Bills are in dollars and stay so; yen follow from the rate of each month."""

    currency: Literal["USD", "JPY"] = "USD"
    tax: Literal["included", "excluded"] = "included"
    fiscal_year_starts: int = Field(default=4, ge=1, le=12)
    rates_file: Path | None = None
    rate: tuple[Rate, ...] = ()


@dataclass(frozen=True)
class Rates:
    """The rates that are known, one for each month, and the lines of the file that could not be believed."""

    by_month: dict[str, Rate]
    problems: tuple[str, ...] = ()

    @property
    def newest(self) -> Rate | None:
        """Of the newest month: what is to come is reckoned with it."""
        return next(reversed(self.by_month.values()), None)


def read_rates(money: Money) -> Rates:
    """The rates of the settings and of their file. A month's invoice rate counts first, then the newest."""
    found = list(money.rate)
    problems: list[str] = []
    if money.rates_file is not None:
        try:
            more, problems = _read(money.rates_file.read_text("utf-8-sig").splitlines())
            found += more
        except (OSError, UnicodeDecodeError) as error:
            problems = [str(error)]
    return Rates(_chosen(found), tuple(problems))


def _chosen(rates: Iterable[Rate]) -> dict[str, Rate]:
    chosen: dict[str, Rate] = {}
    for rate in sorted(rates, key=lambda item: (item.kind == "invoice", item.dated_on)):
        chosen[rate.month] = rate
    return dict(sorted(chosen.items()))


def _read(lines: list[str]) -> tuple[list[Rate], list[str]]:
    found, problems = [], []
    reader = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        return [], [f"its first line is not {','.join(COLUMNS)}"]
    for number, row in enumerate(reader, start=2):
        if None in row:
            problems.append(f"line {number}: source: a comma in it needs quotation marks around it")
            continue
        try:
            found.append(Rate.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            problems.append(f"line {number}: {where}: {first['msg'].removeprefix('Value error, ')}")
    return found, problems
