"""Settings: one commented TOML file, checked as a whole before anything runs.

The file is named by `DASHBOARD_SETTINGS`, else `dashboard.toml` in the current folder. Secrets have no place in it:
credentials come from the standard AWS chain (environment, profile, role).
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import zoneinfo
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from dashboard.domain.naming import DeviceGrammar, check_examples, compile_device
from dashboard.errors import DashboardError, ExitCode

SETTINGS_VARIABLE = "DASHBOARD_SETTINGS"
DEFAULT_FILE = "dashboard.toml"

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
CONFIG_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


class Section(BaseModel):
    """A table of the settings file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class InventoryLocation(Section):
    """One inventory configuration: `s3://destination-bucket/prefix/source-bucket/config-id/`."""

    location: str
    destination_bucket: str = ""
    prefix: str = ""
    source_bucket: str = ""
    config_id: str = ""
    bucket_owner: str | None = Field(default=None, pattern=r"^\d{12}$")
    history_reports: int = Field(default=30, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "location" not in data:
            return data
        extra = set(data) & {"destination_bucket", "prefix", "source_bucket", "config_id"}
        if extra:
            raise ValueError(f"{', '.join(sorted(extra))} follow from location; leave them out")
        url = urlsplit(str(data["location"]))
        parts = [part for part in url.path.split("/") if part]
        if url.scheme != "s3" or len(parts) < 2 or url.query or url.fragment:
            raise ValueError("must look like s3://destination-bucket/prefix/source-bucket/config-id/")
        *prefix, source_bucket, config_id = parts
        for name, value, pattern in (
            ("destination bucket", url.netloc, BUCKET_NAME),
            ("source bucket", source_bucket, BUCKET_NAME),
            ("configuration id", config_id, CONFIG_ID),
        ):
            if not pattern.fullmatch(value):
                raise ValueError(f"{value!r} cannot be a {name}")
        if any(part in {".", ".."} for part in prefix):
            raise ValueError("'.' and '..' are not allowed in the prefix")
        return {
            **data,
            "destination_bucket": url.netloc,
            "prefix": "".join(f"{part}/" for part in prefix),
            "source_bucket": source_bucket,
            "config_id": config_id,
        }

    @property
    def root(self) -> str:
        """Key prefix under which this configuration's manifests lie, ending in a slash."""
        return f"{self.prefix}{self.source_bucket}/{self.config_id}/"


class Costs(Section):
    """What is asked of Cost Explorer, which charges for every request."""

    enabled: bool = True
    services: tuple[str, ...] = (
        "Amazon Simple Storage Service",
        "Amazon Glacier",
        "Amazon S3 Glacier Deep Archive",
    )
    months: int = Field(default=14, ge=1, le=38)
    daily_days: int = Field(default=62, ge=0, le=400)
    tags: tuple[str, ...] = ()
    by_account: bool = False
    refresh_hours: int = Field(default=8, ge=0)
    max_requests_per_run: int = Field(default=60, ge=1)
    max_requests_per_day: int = Field(default=200, ge=1)


class ObjectTagLabels(Section):
    """Labels read from object tags: an image is labelled when it carries every one of `required_tags`."""

    kind: Literal["object_tags"] = "object_tags"
    required_tags: tuple[str, ...] = Field(default=("label",), min_length=1)
    buckets: tuple[str, ...] = ()
    max_requests_per_run: int = Field(default=100_000, ge=1)
    requests_per_second: float = Field(default=200, gt=0)


class Live(Section):
    """Small live looks that no inventory report contains."""

    lifecycle: bool = True
    unfinished_uploads: bool = True
    max_requests_per_run: int = Field(default=2_000, ge=1)


class Naming(Section):
    """Names that are no images, whatever the device."""

    junk: tuple[str, ...] = (
        ".DS_Store",
        "._*",
        "Thumbs.db",
        "desktop.ini",
        "~$*",
        "*.tmp",
        "*.part",
    )


class Serve(Section):
    """Where the pages are served and which host names may reach them."""

    address: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    allowed_hosts: tuple[str, ...] = ()


def _as_names(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


class Device(Section):
    """One kind of device: its folder, its units and the names it may give."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name: Annotated[dict[Literal["en", "ja"], str], BeforeValidator(_as_names)] = {}
    folder: str = Field(pattern=r"^[^/][^\x00-\x1f]*/$")
    units: tuple[str, ...] = Field(min_length=1)
    extensions: tuple[str, ...] = Field(min_length=1)
    key: str
    in_use_from: date
    in_use_to: date | None = None
    silent_after_days: int = Field(default=4, ge=1)
    good: tuple[str, ...] = Field(min_length=1)
    bad: tuple[str, ...] = Field(min_length=1)

    @field_validator("id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value == "unattributed":
            raise ValueError("'unattributed' is the row for objects of no device; choose another id")
        return value

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

    def label(self, language: str) -> str:
        """The device's name in a language, else in the other one, else its id."""
        return self.name.get(language) or next(iter(self.name.values()), self.id)  # type: ignore[call-overload]


class Settings(Section):
    """The whole file."""

    archive: Archive = Archive()
    aws: Aws = Aws()
    warehouse: WarehouseSettings = WarehouseSettings()
    inventory: tuple[InventoryLocation, ...] = ()
    costs: Costs = Costs()
    labels: tuple[ObjectTagLabels, ...] = ()
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
        return self


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
    where = ".".join(str(part) for part in item["loc"]) or "the file"
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(item["loc"][-1]), _known_keys(item["loc"][:-1]), n=1)
        return f"{where}: no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{where}: {item['msg'].removeprefix('Value error, ')}"


def _known_keys(path: tuple[Any, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        model = next(
            candidate
            for candidate in (annotation, *getattr(annotation, "__args__", ()))
            if isinstance(candidate, type) and issubclass(candidate, BaseModel)
        )
    return list(model.model_fields)
