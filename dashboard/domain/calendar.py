"""Public holidays, for telling a quiet day from a silent device."""

from __future__ import annotations

from datetime import date

import holidays

NO_COUNTRY = ""


def is_known_country(code: str) -> bool:
    """Whether the holidays of a country (ISO 3166 code such as JP) are known."""
    return code in holidays.list_supported_countries()


def public_holidays(country: str, first_year: int, last_year: int) -> dict[date, str]:
    """Days with the names of the holidays; none for `NO_COUNTRY`."""
    if country == NO_COUNTRY:
        return {}
    found = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    return dict(sorted(found.items()))
