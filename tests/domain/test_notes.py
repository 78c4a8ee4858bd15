"""Notes: English on the command line, translated and masked on the pages, the same after a stay in a file."""

from __future__ import annotations

import json
from decimal import Decimal

from dashboard.domain.notes import Note
from dashboard.ui import last_sync
from dashboard.ui.text import spoken

LEFT = Note(
    "{count} object waits for its tags to be read",
    "{count} objects wait for their tags to be read",
    count=1200,
)


def again(note: Note) -> Note:
    """The note as a file gives it back."""
    return Note.from_dict(json.loads(json.dumps(note.as_dict())))


def test_a_note_counts_in_english_and_speaks_the_readers_language() -> None:
    one = Note(LEFT.text, LEFT.plural, count=1)
    assert (str(again(one)), str(again(LEFT))) == (
        "1 object waits for its tags to be read",
        "1,200 objects wait for their tags to be read",
    )
    with spoken("ja"):
        assert "1,200 件" in again(LEFT).said(last_sync.translated)
        assert "objects" not in again(LEFT).said(last_sync.translated)


def test_dollars_are_said_in_cents_as_far_as_these_tell_them_apart() -> None:
    def said(former: str, total: str) -> str:
        return str(
            again(
                Note(
                    "was USD {former_usd}, now {total_usd}",
                    former_usd=Decimal(former),
                    total_usd=Decimal(total),
                )
            )
        )

    assert said("1234.5678901234", "1300") == "was USD 1,234.57, now 1,300.00"
    assert said("4.2601", "4.2604") == "was USD 4.2601, now 4.2604"
    assert said("4.26", "4.260000000000") == "was USD 4.26, now 4.26"
    kept = Note("USD {total_usd}", total_usd=Decimal("4.2600000001"))
    assert kept.as_dict()["args"] == {"total_usd": "4.2600000001"}


def test_a_note_in_a_note_is_translated_too_and_what_it_tells_of_the_archive_is_masked() -> None:
    problem = Note("Its MD5 is {found}, but the manifest says {expected}", found="a", expected="山田/{x}")
    note = again(Note("{folder} of {location} is missing in the trend: {problem}", folder="2026/",
                      location="s3://a/山田/", problem=problem))  # fmt: skip
    with spoken("ja"):
        said = note.said(last_sync.translated, lambda text: text.replace("山田", "▒"))
    assert "山田" not in said
    assert "▒/{x}" in said, "what stands in an argument is no placeholder"
    assert "missing" not in said
    assert "manifest says" not in said
