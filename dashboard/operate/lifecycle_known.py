"""What is known of a bucket's lifecycle configuration: what the last sync read, or what a run wrote since."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.aws.lifecycle import lifecycle_file
from dashboard.domain.lifecycle import Configuration, parse
from dashboard.operate import lifecycle_faults as faults
from dashboard.operate.journal import Journal, moment_of
from dashboard.settings import Settings

NAME = "lifecycle"
_WRITTEN = """
SELECT digest, header, ended_at FROM runs JOIN plans ON number = plan JOIN run_items USING (plan)
WHERE json_extract(header, '$.action') = 'lifecycle' AND json_extract(header, '$.params.bucket') = :bucket
  AND run_items.state = 'done' AND ended_at IS NOT NULL
ORDER BY ended_at DESC
"""


@dataclass(frozen=True)
class Known:
    """A bucket's configuration as it is known without asking AWS.

    Attributes:
        has_configuration: S3 tells "no configuration" from "none in force".
        at: when it was read or written.
        unread: what the SDK did not read; then nothing may be written.
        run: digest of the plan that wrote it; '' if the last sync read it.
        own: canonical texts of the rules that runs of this dashboard wrote.
    """

    bucket: str
    configuration: Configuration
    has_configuration: bool
    at: datetime
    unread: tuple[str, ...] = ()
    run: str = ""
    own: frozenset[str] = frozenset()


def buckets(settings: Settings) -> list[str]:
    """The buckets of the archive."""
    return sorted({location.source_bucket for location in settings.inventory})


def known(settings: Settings, journal: Journal, bucket: str) -> Known:
    """The newest that is known.

    Raises:
        DashboardError: PLAN_REFUSED if the bucket is none of the archive's or nothing was read yet; of the journal.
    """
    if bucket not in buckets(settings):
        raise faults.not_ours(bucket)
    file = lifecycle_file(settings.warehouse.folder / "live", bucket)
    try:
        data = json.loads(file.read_bytes())
        read = _read(bucket, data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise faults.not_read(bucket) from error
    return _with_runs(journal, read)


def _read(bucket: str, data: dict[str, Any]) -> Known:
    return Known(
        bucket,
        parse(data["configuration"]),
        bool(data["has_configuration"]),
        datetime.fromisoformat(data["asked_at"]).astimezone(UTC),
        tuple(str(name) for name in data.get("unread", ())),
    )


def _with_runs(journal: Journal, read: Known) -> Known:
    if not journal.exists():
        return read
    with journal.reading() as transaction:
        rows = transaction.run(_WRITTEN, {"bucket": read.bucket})
    own: set[str] = set()
    for _digest, header, _ended_at in rows:
        params = json.loads(header)["params"]
        former = {rule.canonical for rule in parse(params["before"]).rules}
        # Rules of others that a run brought back stay theirs.
        if not params["undoes"]:
            own |= {rule.canonical for rule in parse(params["after"]).rules} - former
    if rows and moment_of(rows[0][2]) > read.at:
        digest, header, ended_at = rows[0]
        written = parse(json.loads(header)["params"]["after"])
        read = Known(read.bucket, written, bool(written.rules), moment_of(ended_at), run=digest)
    return replace(read, own=frozenset(own))
