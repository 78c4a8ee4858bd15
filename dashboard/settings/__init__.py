"""Settings: one commented TOML file, checked as a whole before anything runs.

The file is named by `DASHBOARD_SETTINGS`, else `dashboard.toml` in the current folder. Secrets have no place in it:
credentials come from the standard AWS chain (environment, profile, role).
"""

from __future__ import annotations

import difflib
import os
import tomllib
import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.costs import Costs
from dashboard.settings.devices import Device, Naming
from dashboard.settings.inventory import InventoryLocation
from dashboard.settings.labels import SOURCES, Labels
from dashboard.settings.section import Section

__all__ = ["Costs", "Device", "InventoryLocation", "Labels", "Naming", "Section"]

SETTINGS_VARIABLE = "DASHBOARD_SETTINGS"
DEFAULT_FILE = "dashboard.toml"


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no time zone is called {name!r}; use a name like Asia/Tokyo") from error
    return name


class Archive(Section):
    """What the archive is called and where its clock stands."""

    name: str = "Image archive"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Tokyo"
    language: Literal["en", "ja"] | None = None
    is_demo: bool = False


class Aws(Section):
    """Where AWS is; everything left out comes from the standard AWS settings."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


class WarehouseSettings(Section):
    """Where snapshots are kept and what building and reading them may use."""

    folder: Path = Path("warehouse")
    keep_snapshots: int = Field(default=7, ge=2)
    memory_limit: str = Field(default="1GB", pattern=r"^\d+(\.\d+)?\s*[KMGT]i?B$")
    threads: int | None = Field(default=None, ge=1)
    query_timeout_seconds: int = Field(default=20, ge=1)


class Live(Section):
    """Small live looks that no inventory report contains."""

    lifecycle: bool = True
    unfinished_uploads: bool = True
    max_requests_per_run: int = Field(default=2_000, ge=1)


class Serve(Section):
    """Where the pages are served and which host names may reach them."""

    address: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    allowed_hosts: tuple[str, ...] = ()


class Settings(Section):
    """The whole file."""

    archive: Archive = Archive()
    aws: Aws = Aws()
    warehouse: WarehouseSettings = WarehouseSettings()
    inventory: tuple[InventoryLocation, ...] = ()
    costs: Costs = Costs()
    labels: Labels = Labels()
    live: Live = Live()
    naming: Naming = Naming()
    serve: Serve = Serve()
    device: tuple[Device, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for what, values in (
            ("device id", [item.id for item in self.device]),
            ("device folder", [item.folder for item in self.device]),
            ("inventory location", [f"{item.source_bucket}/{item.config_id}" for item in self.inventory]),
        ):
            twice = {value for value in values if values.count(value) > 1}
            if twice:
                raise ValueError(f"{what} given twice: {', '.join(sorted(twice))}")
        unknown = set(self.labels.required_by_device) - {item.id for item in self.device} - {"unattributed"}
        if unknown:
            raise ValueError(f"labels.required_by_device: no such device: {', '.join(sorted(unknown))}")
        self._name_buckets()
        return self

    def _name_buckets(self) -> None:
        """A source without a bucket of its own speaks about the one bucket that has a report."""
        buckets = {item.source_bucket for item in self.inventory}
        for source in self.labels.source:
            columns = getattr(source, "columns", None)
            names_it = columns is not None and (columns.uri or columns.bucket)
            if "source_bucket" not in type(source).model_fields or source.source_bucket or names_it:  # type: ignore[union-attr]
                continue
            if len(buckets) > 1:
                raise ValueError(
                    f"labels.source {source.id!r}: say which bucket its keys are in (source_bucket = ...)"
                )


def settings_file(path: Path | None = None) -> Path:
    """Where the settings are read from: the argument, `DASHBOARD_SETTINGS`, or dashboard.toml here."""
    return (path or Path(os.environ.get(SETTINGS_VARIABLE) or DEFAULT_FILE)).absolute()


def load_settings(path: Path | None = None) -> Settings:
    """Read and check the settings; relative folders are taken from the file's own folder.

    Raises:
        DashboardError: SETTINGS, naming the file, the key and the nearest known key.
    """
    file = settings_file(path)
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise DashboardError(
            ExitCode.SETTINGS,
            "There are no settings to work with",
            cause="The file {file} does not exist",
            next_step="Copy dashboard.example.toml to dashboard.toml and edit it, or set {variable}",
            locator=str(file),
            file=file.name,
            variable=SETTINGS_VARIABLE,
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DashboardError(
            ExitCode.SETTINGS,
            "The settings cannot be read",
            cause="{file} is not a readable TOML file: {problem}",
            next_step="Mend the file at the place named above",
            locator=str(file),
            file=file.name,
            problem=error,
        ) from error
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        raise DashboardError(
            ExitCode.SETTINGS,
            "The settings are not valid",
            cause="{problems}",
            next_step="Mend these keys; dashboard.example.toml explains each of them",
            locator=str(file),
            problems="; ".join(_explain(item) for item in error.errors()),
        ) from None
    folder = file.parent / settings.warehouse.folder
    return settings.model_copy(update={"warehouse": settings.warehouse.model_copy(update={"folder": folder})})


def _explain(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"] if part not in _KINDS) or "the file"
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(item["loc"][-1]), _known_keys(item["loc"][:-1]), n=1)
        return f"{where}: no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    if item["type"].startswith("union_tag"):
        near = difflib.get_close_matches(str(item.get("ctx", {}).get("tag", "")), _KINDS, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return f"{where}.kind: must be one of {', '.join(_KINDS)}{meant}"
    return f"{where}: {item['msg'].removeprefix('Value error, ')}"


_KINDS = [kind.model_fields["kind"].annotation.__args__[0] for kind in SOURCES]  # type: ignore[union-attr]


def _known_keys(path: tuple[Any, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path:
        if isinstance(part, int):
            continue
        if part in _KINDS:
            model = SOURCES[_KINDS.index(part)]
            continue
        annotation = model.model_fields[part].annotation
        inner = (annotation, *getattr(annotation, "__args__", ()))
        models = [item for item in inner if isinstance(item, type) and issubclass(item, BaseModel)]
        model = models[0] if models else model
    return list(model.model_fields)
