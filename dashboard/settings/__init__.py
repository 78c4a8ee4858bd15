"""Settings: one commented TOML file, checked as a whole before anything runs.

The file is named by `DASHBOARD_SETTINGS`, else `dashboard.toml` in the current folder. Secrets have no place in it:
credentials come from the standard AWS chain (environment, profile, role).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ValidationError, model_validator

from dashboard.domain.naming import GrammarError, overlap
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.basics import Archive, Aws, Live, Serve, WarehouseSettings
from dashboard.settings.budget import Budget
from dashboard.settings.costs import Costs
from dashboard.settings.dataset import Datasets
from dashboard.settings.devices import Device, Naming
from dashboard.settings.faults import at_field, not_valid
from dashboard.settings.findings import Findings
from dashboard.settings.inventory import InventoryLocation
from dashboard.settings.labels import SOURCES, Labels, LabelSource
from dashboard.settings.money import Money
from dashboard.settings.notify import Notify
from dashboard.settings.operate import Operate
from dashboard.settings.privacy import Privacy
from dashboard.settings.records import Records
from dashboard.settings.roles import Roles
from dashboard.settings.section import Section
from dashboard.settings.worklist import Owner, Worklist

__all__ = [
    "Archive",
    "Aws",
    "Budget",
    "Costs",
    "Datasets",
    "Device",
    "Findings",
    "InventoryLocation",
    "Labels",
    "Live",
    "Money",
    "Naming",
    "Notify",
    "Operate",
    "Owner",
    "Privacy",
    "Records",
    "Roles",
    "Section",
    "Serve",
    "WarehouseSettings",
    "Worklist",
]

SETTINGS_VARIABLE = "DASHBOARD_SETTINGS"
DEFAULT_FILE = "dashboard.toml"


class Settings(Section):
    """The whole file."""

    archive: Archive = Archive()
    aws: Aws = Aws()
    warehouse: WarehouseSettings = WarehouseSettings()
    inventory: tuple[InventoryLocation, ...] = ()
    costs: Costs = Costs()
    money: Money = Money()
    budget: tuple[Budget, ...] = ()
    records: Records = Records()
    labels: Labels = Labels()
    live: Live = Live()
    naming: Naming = Naming()
    dataset: Datasets = Datasets()
    findings: Findings = Findings()
    worklist: Worklist = Worklist()
    notify: tuple[Notify, ...] = ()
    operate: Operate = Operate()
    roles: Roles = Roles()
    serve: Serve = Serve()
    privacy: Privacy = Privacy()
    device: tuple[Device, ...] = ()

    @model_validator(mode="after")
    def _headers_come_from_the_proxy(self) -> Self:
        # Whoever reaches the server without the proxy could call himself anybody.
        says = self.privacy.user_header or self.privacy.groups_header
        if says and not (self.serve.behind_proxy and self.serve.is_local):
            raise ValueError(
                "privacy.user_header is believed only with serve.behind_proxy = true and a serve.address on this "
                "machine: otherwise anybody could send that header"
            )
        if self.privacy.groups_header and not self.privacy.user_header:
            raise ValueError("privacy.groups_header needs privacy.user_header")
        return self

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for what, table, field, values in (
            ("device id", "device", "id", [item.id for item in self.device]),
            ("device folder", "device", "folder", [item.folder for item in self.device]),
            ("name of a notification", "notify", "name", [item.name for item in self.notify]),
            (
                "inventory location",
                "inventory",
                "location",
                [f"{item.source_bucket}/{item.config_id}" for item in self.inventory],
            ),
        ):
            for number, value in enumerate(values):
                if value in values[:number]:
                    raise at_field(GrammarError(field, f"{what} given twice: {value}"), table, number)
        return self

    @model_validator(mode="after")
    def _owners_have_devices(self) -> Self:
        owned = {device for owner in self.worklist.owners for device in owner.devices}
        if unknown := owned - {item.id for item in self.device} - {"unattributed"}:
            raise ValueError(f"worklist.owners: there is no device {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _records_have_devices(self) -> Self:
        if unknown := set(self.records.devices or ()) - {item.id for item in self.device} - {"unattributed"}:
            raise ValueError(f"records.devices: there is no device {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _devices_apart(self) -> Self:
        for number, device in enumerate(self.device):
            for other in self.device[:number]:
                if (key := overlap(device.grammar, other.grammar)) is not None:
                    problem = (
                        f"it overlaps the folder {other.folder!r} of {other.id!r}, and {key!r} would be a good name of "
                        "both; narrow one of the templates or move the folder out"
                    )
                    raise at_field(GrammarError("folder", problem), "device", number)
        return self

    @model_validator(mode="after")
    def _pairs_have_partners(self) -> Self:
        for number, device in enumerate(self.device):
            if partner := device.lone_partner(self.naming):
                problem = (
                    f"{partner!r} is no extension of the device, and no companion: if its files are no images, add "
                    f'"*.{partner}" to naming.companions'
                )
                raise at_field(GrammarError("pairs", problem), "device", number)
        return self

    @model_validator(mode="after")
    def _labels_have_devices_and_buckets(self) -> Self:
        unknown = set(self.labels.required_by_device) - {item.id for item in self.device} - {"unattributed"}
        if unknown:
            raise ValueError(f"labels.required_by_device: no such device: {', '.join(sorted(unknown))}")
        self._name_buckets()
        return self

    def _name_buckets(self) -> None:
        """A source without a bucket of its own speaks about the one bucket that has a report."""
        for source in self.labels.source:
            has_one = "source_bucket" in type(source).model_fields
            is_said = source.named_buckets or source.has_buckets_in_rows
            if has_one and not is_said and len(self.listed_buckets) > 1:
                raise ValueError(
                    f"labels.source {source.id!r}: say which bucket its keys are in (source_bucket = ...)"
                )

    @property
    def listed_buckets(self) -> frozenset[str]:
        """The buckets that have an inventory report."""
        return frozenset(item.source_bucket for item in self.inventory)

    def unlisted(self, source: LabelSource) -> tuple[str, ...]:
        """The buckets that a label source names, if no report lists any of them: its labels find no image then."""
        is_lost = self.inventory and self.listed_buckets.isdisjoint(source.named_buckets)
        return source.named_buckets if is_lost else ()


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
        # Windows' editor begins its files with a mark that TOML does not know.
        data = tomllib.loads(file.read_text("utf-8-sig"))
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
    except UnicodeDecodeError as error:
        raise DashboardError(
            ExitCode.SETTINGS,
            "The settings cannot be read",
            cause="{file} is not UTF-8 text",
            next_step="Save it in your editor with the encoding UTF-8",
            locator=str(file),
            file=file.name,
        ) from error
    except (OSError, tomllib.TOMLDecodeError) as error:
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
        raise not_valid(file, [_explain(item) for item in error.errors()]) from None
    folder = file.parent / settings.warehouse.folder
    changes: dict[str, Section] = {"warehouse": settings.warehouse.model_copy(update={"folder": folder})}
    if settings.money.rates_file is not None:
        rates_file = file.parent / settings.money.rates_file
        changes["money"] = settings.money.model_copy(update={"rates_file": rates_file})
    return settings.model_copy(update=changes)


def _explain(item: Any) -> tuple[tuple[str | int, ...], str]:
    where = tuple(part for part in item["loc"] if part not in _KINDS)
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(where[-1]), _known_keys(item["loc"][:-1]), n=1)
        return where, "no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    if item["type"].startswith("union_tag"):
        near = difflib.get_close_matches(str(item.get("ctx", {}).get("tag", "")), _KINDS, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return (*where, "kind"), f"must be one of {', '.join(_KINDS)}{meant}"
    if item["type"] == "too_short":
        return where, f"list at least {item['ctx']['min_length']}"
    return where, item["msg"].removeprefix("Value error, ")


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
