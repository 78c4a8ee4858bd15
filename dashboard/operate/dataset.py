"""Freeze a choice of images as a dataset, write it out, and say later what has drifted.

A frozen dataset is a folder `<warehouse>/datasets/<name>/<hash>/` with members.parquet and definition.json. It appears
whole, by one rename, and never changes; the same members have the same hash, whatever they were chosen by.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.domain.dataset import FORMATS, HASH, NAME, STEPS, Permission, Selection, Split
from dashboard.errors import DashboardError, ExitCode, not_written
from dashboard.operate import dataset_faults as faults
from dashboard.settings import Settings
from dashboard.warehouse import dataset_files, publish
from dashboard.warehouse.dataset_files import MEMBERS
from dashboard.warehouse.engine import WAREHOUSE_ERRORS
from dashboard.warehouse.publish import SnapshotInfo

DEFINITION = "definition.json"
SHOWN_DRIFT = 1_000
DRIFTED = 1
"""Exit code of `dataset verify` when something has drifted."""


@dataclass(frozen=True)
class FrozenDataset:
    """One frozen dataset.

    Attributes:
        definition: what stands in definition.json.
    """

    name: str
    dataset_hash: str
    folder: Path
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class Drift:
    """What verifying found.

    Attributes:
        counts: members by kind of drift; empty if all are as they were.
        rows: the first of them: drift, bucket, key, version_id, now.
    """

    dataset: FrozenDataset
    snapshot_id: str
    counts: Mapping[str, int]
    rows: list[dict[str, Any]]


def permission(settings: Settings) -> Permission:
    """The permitting label of the settings."""
    return Permission(settings.dataset.permit_tag, settings.dataset.permit_values)


def create(settings: Settings, name: str, selection: Selection, split: Split) -> FrozenDataset:
    """Freeze what is ready of a selection, as the current snapshot has it.

    Raises:
        DashboardError: USAGE for a name that cannot be, NO_SNAPSHOT, NO_ROWS if nothing is ready, and what reading and
            writing may end with.
    """
    if not NAME.fullmatch(name):
        raise faults.name_refused(name)
    info = _snapshot(settings)
    chosen = {**selection.params(), **permission(settings).params()}
    root = settings.warehouse.folder / "datasets"
    draft = root / f".draft-{uuid.uuid4().hex}"
    try:
        draft.mkdir(parents=True)
        with dataset_files.opened(settings, info, reads=draft, writes=draft) as files:
            files.write_members({**chosen, **split.params()})
            dataset_hash, object_count, size_bytes = files.digest()
            if not object_count:
                raise faults.nothing_ready()
            definition = {
                "name": name,
                "dataset_hash": dataset_hash,
                "hashed_form": dataset_files.HASHED_FORM,
                "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "snapshot_id": info.snapshot_id,
                "report_at": info.report_at.isoformat() if info.report_at else None,
                "object_count": object_count,
                "size_bytes": size_bytes,
                "selection": selection.as_dict(),
                "permit": {
                    "tag": settings.dataset.permit_tag,
                    "values": list(settings.dataset.permit_values),
                },
                "labels": settings.labels.model_dump(mode="json"),
                "devices": [device.model_dump(mode="json") for device in settings.device],
                "gate": _gate(files.funnel({**chosen, **split.part_params()})),
                "split": split.as_dict(),
                "splits": files.splits() if split.by else [],
                "shared_part_count": files.shared_part_count() if split.by else None,
            }
        shutil.rmtree(draft / ".spill", ignore_errors=True)
        publish.write_atomically(draft / DEFINITION, json.dumps(definition, ensure_ascii=False, indent=1))
        folder = root / name / dataset_hash
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            draft.rename(folder)
        return _read(folder)
    except WAREHOUSE_ERRORS as error:
        raise faults.of_files(error, root) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def export(settings: Settings, dataset: FrozenDataset, format_: str, out: Path) -> Path:
    """Write a frozen dataset into a folder, its definition beside it; returns the data file.

    Raises:
        DashboardError: the folder cannot be written, or the disk is full.
    """
    file = out / f"{dataset.name}-{dataset.dataset_hash[:12]}.{FORMATS[format_]}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        draft = out / f".draft-{uuid.uuid4().hex}"
        draft.mkdir()
        try:
            with dataset_files.opened(settings, None, reads=dataset.folder, writes=draft) as files:
                files.export(format_, draft / file.name)
            os.replace(draft / file.name, file)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        definition = json.dumps(dict(dataset.definition), ensure_ascii=False, indent=1)
        publish.write_atomically(
            out / f"{dataset.name}-{dataset.dataset_hash[:12]}.definition.json", definition
        )
    except OSError as error:
        raise not_written(out, error) from error
    except WAREHOUSE_ERRORS as error:
        raise faults.of_files(error, out) from error
    return file


def create_apart(name: str, arguments: Sequence[str]) -> str:
    """Run `dataset create` in a process of its own, which outlives the page that asked for it; the dataset's hash.

    Raises:
        DashboardError: with what the command said.
    """
    return _apart("create", *arguments, "--", name).rpartition("sha256 ")[2].split()[0]


def archived_apart(dataset: FrozenDataset) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """As `archived_since`, in a process of its own: where pages are served, the snapshot is open in another way.

    Raises:
        DashboardError: with what the command said.
    """
    total = dataset.definition["object_count"]
    said = _apart(
        "verify", dataset.dataset_hash, f"--limit={total}", "--format=json", may_end_with=(0, DRIFTED)
    )
    rows = json.loads(said)
    others = Counter(row["drift"] for row in rows if row["drift"] != "archived")
    return tuple(f"s3://{row['bucket']}/{row['key']}" for row in rows if row["drift"] == "archived"), others


def _apart(*words: str, may_end_with: Sequence[int] = (0,)) -> str:
    """What `dataset` prints with these words."""
    command = [sys.executable, "-m", "dashboard", "dataset", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # Python itself ends with 1, too, and then nothing was printed.
    if done.returncode not in may_end_with or not done.stdout:
        raise faults.not_apart(words[0], done.returncode, done.stderr)
    return done.stdout


def frozen(settings: Settings) -> list[FrozenDataset]:
    """Every frozen dataset, the newest first."""
    folders = (settings.warehouse.folder / "datasets").glob(f"*/*/{DEFINITION}")
    found = [_read(path.parent) for path in folders if HASH.fullmatch(path.parent.name)]
    return sorted(
        found, key=lambda item: (str(item.definition["created_at"]), item.dataset_hash), reverse=True
    )


def find(settings: Settings, wanted: str) -> FrozenDataset:
    """The frozen dataset in a folder, with a hash or its beginning, or the newest of a name.

    Raises:
        DashboardError: USAGE if there is none, or more than one.
    """
    every = frozen(settings)
    folder = Path(wanted)
    if (folder / DEFINITION).is_file():
        return _read(folder)
    exported = list(folder.glob(f"*.{DEFINITION}")) if folder.is_dir() else []
    if len(exported) == 1:
        wanted = exported[0].name.removesuffix(f".{DEFINITION}").rpartition("-")[2]
    named = [item for item in every if item.name == wanted][:1]
    found = named or [item for item in every if len(wanted) >= 8 and item.dataset_hash.startswith(wanted)]
    if len({item.dataset_hash for item in found}) == 1:
        return found[0]
    raise DashboardError(
        ExitCode.USAGE,
        "There is no such dataset",
        cause="{wanted} is neither a folder, nor a name, nor the beginning of one hash",
        next_step="Choose one that `dataset list` prints",
        locator=str(settings.warehouse.folder / "datasets"),
        wanted=wanted,
    )


def verify(
    settings: Settings, dataset: FrozenDataset, *, kind: str | None = None, limit: int = SHOWN_DRIFT
) -> Drift:
    """Compare a frozen dataset with the current snapshot.

    Args:
        kind: of drift, whose rows are wanted; None for all.
        limit: at most so many rows.

    Raises:
        DashboardError: FILE_DAMAGED if its members are not what was frozen, NO_SNAPSHOT.
    """
    info = _snapshot(settings)
    root = settings.warehouse.folder / "datasets"
    draft = root / f".draft-{uuid.uuid4().hex}"
    try:
        draft.mkdir(parents=True)
        with dataset_files.opened(settings, info, reads=dataset.folder, writes=draft) as files:
            if files.digest()[0] != dataset.dataset_hash:
                raise faults.members_changed(dataset.folder / MEMBERS)
            counts, rows = files.drift(kind=kind, limit=limit)
    except WAREHOUSE_ERRORS as error:
        raise faults.of_files(error, dataset.folder) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Drift(dataset, info.snapshot_id, counts, rows)


def archived_since(settings: Settings, dataset: FrozenDataset) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Members that are as they were, but archived now, as s3://bucket/key, one more at most than a plan may have; and
    how many have drifted otherwise, by kind of drift, which no restore brings back.

    Raises:
        DashboardError: as `verify`.
    """
    # One more than a plan may have: the plan then says that it is too many.
    drift = verify(settings, dataset, kind="archived", limit=settings.operate.max_objects + 1)
    others = {kind: count for kind, count in drift.counts.items() if kind != "archived"}
    return tuple(f"s3://{row['bucket']}/{row['key']}" for row in drift.rows), others


def _snapshot(settings: Settings) -> SnapshotInfo:
    info = publish.current(settings.warehouse.folder)
    if info is None:
        raise faults.no_snapshot(settings.warehouse.folder)
    if not publish.is_whole(settings.warehouse.folder, info):
        raise faults.snapshot_damaged(info.file)
    return info


def _gate(funnel: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Images that each step stopped, in the order of the steps."""
    stopped = {
        step: sum(row["object_count"] for row in funnel if row["step"] == step) for step in (*STEPS, "ready")
    }
    return [{"step": step, "object_count": count} for step, count in stopped.items()]


def _read(folder: Path) -> FrozenDataset:
    try:
        definition = json.loads((folder / DEFINITION).read_text("utf-8"))
        name, dataset_hash = str(definition["name"]), str(definition["dataset_hash"])
        if NAME.fullmatch(name) and HASH.fullmatch(dataset_hash) and definition["created_at"]:
            return FrozenDataset(name, dataset_hash, folder, definition)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise faults.definition_damaged(folder / DEFINITION)
