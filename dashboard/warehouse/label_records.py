"""What is kept of each label source beside its Parquet files: one record, replaced as a whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.domain.label_files import SetAside
from dashboard.settings.labels import LabelSource
from dashboard.warehouse.publish import write_atomically

RECORD = "source.json"


@dataclass(frozen=True)
class LabelRecord:
    """The state of one source.

    Attributes:
        settings: digest of the settings that say how the source is read.
        stamp: what was found when it was last read whole.
        fingerprint: digest of what its files were worked out with (grammar, DuckDB); other than now, they are redone.
        as_of, read_at: ISO times (UTC) up to which it tells and when it was read; '' for never.
        row_count: rows its files held; label_count: rows kept, one per object version.
        no_value_count: rows that name an object and say nothing about it.
        left_count: objects whose tags wait for a later run.
        files: Parquet files of the folder; each `labels-*.parquet` has its `cells-*.parquet`.
        is_unique: no object has two rows.
        set_aside: rows kept out, by reason.
        stopped_at: ISO time (UTC) of the last reading that did not come to its end, as far as it cost anything.
        stopped_settings: `settings_digest` of that reading.
        request_count: what AWS charges for of the last reading, whether or not it came to its end.
        fault: the last reading failed, as DashboardError.as_dict(); what was read before is in use.
    """

    settings: str = ""
    stamp: str = ""
    fingerprint: str = ""
    as_of: str = ""
    read_at: str = ""
    row_count: int = 0
    label_count: int = 0
    no_value_count: int = 0
    left_count: int = 0
    request_count: int = 0
    stopped_at: str = ""
    stopped_settings: str = ""
    files: tuple[str, ...] = ()
    is_unique: bool = True
    set_aside: tuple[SetAside, ...] = ()
    fault: dict[str, Any] | None = field(default=None)

    @property
    def set_aside_count(self) -> int:
        return sum(item.row_count for item in self.set_aside)


_FIELDS = frozenset(item.name for item in fields(LabelRecord))


def label_folder(warehouse: Path, source_id: str) -> Path:
    """Where a source's files and record lie; the id was checked when the settings were read."""
    return warehouse / "labels" / source_id


def settings_digest(source: LabelSource) -> str:
    """What of a source's settings decides how its rows are understood."""
    known = source.model_dump(
        mode="json",
        exclude={
            "usd_per_million_requests", "max_bytes", "max_rows", "max_requests_per_run", "requests_per_second",
            "read_units_per_second", "max_read_units_per_run", "refresh_hours", "segments",
        },
    )  # fmt: skip
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def load_record(warehouse: Path, source: LabelSource) -> LabelRecord:
    """The record of a source; an empty one if there is none, or if it or one of its files is damaged or gone."""
    folder = label_folder(warehouse, source.id)
    try:
        data = json.loads((folder / RECORD).read_text("utf-8"))
        data["files"] = tuple(data["files"])
        data["set_aside"] = tuple(SetAside(**item) for item in data["set_aside"])
        # What an older or newer release noted besides is no reason to read, and pay for, every tag again.
        found = LabelRecord(**{name: value for name, value in data.items() if name in _FIELDS})
    except (OSError, ValueError, KeyError, TypeError):
        return LabelRecord()
    return found if all((folder / name).is_file() for name in found.files) else LabelRecord()


def write_record(warehouse: Path, source: LabelSource, record: LabelRecord) -> None:
    """Replace a source's record.

    Raises:
        OSError: no room, or the folder is read-only.
    """
    folder = label_folder(warehouse, source.id)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / RECORD, json.dumps(asdict(record), indent=1))


def known_stamp(warehouse: Path, source: LabelSource) -> str:
    """What the source was found to hold when it was read; '' if it has to be read in any case."""
    record = load_record(warehouse, source)
    return record.stamp if record.settings == settings_digest(source) else ""


def note_fault(
    warehouse: Path, source: LabelSource, fault: dict[str, Any] | None, **changes: Any
) -> LabelRecord:
    """Write down that reading failed (or no longer does); the labels that are there stay in use.

    Args:
        changes: further fields of the record, such as what the reading cost.
    """
    record = replace(load_record(warehouse, source), fault=fault, **changes)
    write_record(warehouse, source, record)
    return record


def moment(text: str) -> datetime | None:
    """An ISO time as naive UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
