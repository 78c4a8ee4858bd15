"""The worker: a process of its own that takes confirmed plans from the queue, one after the other.

It may be ended at any moment, also by force. Nothing but the journal passes between it and the pages.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.aws.batch import Jobs, Terms
from dashboard.aws.calls import open_client
from dashboard.aws.sessions import Client
from dashboard.errors import DashboardError
from dashboard.operate import batch, copies, copy_notices
from dashboard.operate import plan_faults as faults
from dashboard.operate.abort_uploads import AbortUploads
from dashboard.operate.action import Action
from dashboard.operate.bring_back import BringBack
from dashboard.operate.class_change import ClassChange
from dashboard.operate.execute import carry_out
from dashboard.operate.journal import Journal, moment_of, stamp
from dashboard.operate.label_change import LabelChange, note_tags
from dashboard.operate.lifecycle import Lifecycle
from dashboard.operate.plans import COOLING_OFF
from dashboard.operate.remove_duplicates import RemoveDuplicates
from dashboard.operate.remove_junk import RemoveJunk
from dashboard.operate.remove_versions import RemoveVersions
from dashboard.operate.rename import Rename
from dashboard.operate.restore import Restore
from dashboard.operate.run_states import beat
from dashboard.operate.undelete import Undelete
from dashboard.settings import Settings

LOCK = "worker.lock"
LOOK_SECONDS = 0.5
AFTER_FAULT_SECONDS = 5.0
BEATS_EVERY = 10.0

ACTIONS: Mapping[str, Callable[[Client, Mapping[str, Any], datetime], Action]] = {
    "class": ClassChange,
    "labels": LabelChange,
    "rename": Rename,
    "restore": Restore,
    "undelete": Undelete,
    "bring_back": BringBack,
    "abort_uploads": AbortUploads,
    "remove_versions": RemoveVersions,
    "remove_duplicates": RemoveDuplicates,
    "remove_junk": RemoveJunk,
    "lifecycle": Lifecycle,
}
"""Every action that can be carried out, by its name in plans."""

log = logging.getLogger("dashboard.worker")


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only worker of a warehouse. The lock goes with the process, however it ends.

    Raises:
        DashboardError: WORKER_RUNNING; READ_ONLY where nothing can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a")
    except OSError as error:
        raise faults.worker_cannot_write(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise faults.worker_running(folder / LOCK) from error
        yield


def work(settings: Settings, stop: threading.Event, *, until_idle: bool = False) -> None:
    """Carry out what is queued, until `stop` is set.

    Args:
        until_idle: end when nothing is queued, or AWS carries out what is.

    Raises:
        DashboardError: as `alone`; what goes wrong later is logged, and tried again.
    """
    journal = Journal(settings.warehouse.folder)
    name = f"worker {os.getpid()} on {socket.gethostname()}"
    with alone(settings.warehouse.folder):
        idle_seconds, told_at = BEATS_EVERY, float("-inf")
        while not stop.is_set():
            try:
                if idle_seconds >= BEATS_EVERY:
                    idle_seconds = 0.0
                    with journal.writing() as transaction:
                        beat(transaction, name)
                if run_next(settings, journal, name, stop):
                    continue
                if copies.look(settings, journal):
                    continue
                if time.monotonic() - told_at >= copy_notices.EVERY.total_seconds():
                    told_at = time.monotonic()
                    copy_notices.tell(settings, journal)
            except DashboardError as fault:
                log.warning("%s: %s", fault.title_template, fault.code.name)
                if until_idle:
                    raise
                stop.wait(AFTER_FAULT_SECONDS)
            if until_idle:
                return
            stop.wait(LOOK_SECONDS)
            idle_seconds += LOOK_SECONDS


def run_next(settings: Settings, journal: Journal, name: str, stop: threading.Event) -> bool:
    """Carry the oldest run that waits for a worker out, if there is one."""
    with journal.reading() as transaction:
        now = transaction.now()
        rows = transaction.run(
            "SELECT number, digest, header, started_at FROM runs JOIN plans ON number = plan "
            "WHERE state IN ('queued', 'running') AND (wanted = 'cancel' OR substr(cause, 1, :length) <> :cooling "
            "OR substr(cause, :length + 2) <= :now) AND rests_until <= :now ORDER BY confirmed_at, number LIMIT 1",
            {"cooling": COOLING_OFF, "length": len(COOLING_OFF), "now": stamp(now)},
        )
    if not rows:
        return False
    number, digest, header, started_at = rows[0]
    told = json.loads(header)
    s3 = open_client(settings.aws)
    action = ACTIONS[told["action"]](s3, told["params"], moment_of(started_at) if started_at else now)
    if isinstance(action, LabelChange):
        action.told = functools.partial(note_tags, settings)
    threads = settings.operate.threads
    if isinstance(action, batch.LargeAction) and "batch" in told["params"]:
        jobs = Jobs(settings.aws, s3, Terms(**told["params"]["batch"]))
        run = batch.LargeRun(journal, number, digest, name, action, jobs)
        run.carry_on(threads=threads, stop=stop)
    else:
        carry_out(journal, number, digest, action, worker=name, threads=threads, stop=stop)
    return True
