"""Where labels come from and what makes an image labelled.

`[labels]` says which labels an image needs and which values are allowed; each `[[labels.source]]` names one place
that labels are read from. Their order is their precedence: where two sources give one label different values, the
first source's allowed value counts, and the difference is a finding.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from dashboard.settings.inventory import BUCKET_NAME
from dashboard.settings.section import Section

MIB = 1 << 20

Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=128)]
"""The name of a label, as S3 bounds the key of a tag."""


def _is_address(text: str) -> str:
    url = urlsplit(text)
    key = text.removeprefix(f"s3://{url.netloc}/")
    if url.scheme != "s3" or not BUCKET_NAME.fullmatch(url.netloc) or key == text or not key:
        raise ValueError("must look like s3://bucket/folder/ or s3://bucket/folder/file.csv")
    return text


Address: TypeAlias = Annotated[str, AfterValidator(_is_address)]
SourceId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class _Source(Section):
    """What every source has."""

    id: SourceId
    usd_per_million_requests: Decimal | None = Field(default=None, ge=0, max_digits=20, decimal_places=10)

    @property
    def has_buckets_in_rows(self) -> bool:
        """Whether each row names the bucket of its object."""
        columns: LabelColumns | None = getattr(self, "columns", None)
        return columns is not None and bool(columns.uri or columns.bucket)

    @property
    def named_buckets(self) -> tuple[str, ...]:
        """The buckets of whose objects it speaks, as far as the settings say so."""
        named: str | None = getattr(self, "source_bucket", None)
        if self.has_buckets_in_rows or not named:
            return tuple(getattr(self, "buckets", ()))
        return (named,)


class _Files(_Source):
    """A source whose labels lie in one object, or in all objects of a folder (its name then ends in a slash)."""

    location: Address
    max_bytes: int = Field(default=2048 * MIB, ge=1)
    usd_per_million_requests: Decimal | None = Field(
        default=Decimal("0.40"), ge=0, max_digits=20, decimal_places=10
    )

    @property
    def bucket(self) -> str:
        return urlsplit(self.location).netloc

    @property
    def key(self) -> str:
        """The object's key, or the folder with its slash."""
        return self.location.removeprefix(f"s3://{self.bucket}/")

    @property
    def is_folder(self) -> bool:
        return self.key.endswith("/")


class LabelColumns(Section):
    """Which column (or attribute) holds what.

    The object is named by `uri` (s3://bucket/key), or by `key` with `bucket`, or by `key` alone within the source's
    own `source_bucket`. Labels are columns of their own (`labels`: label name -> column), or rows with a `name` and a
    `value` column.
    """

    uri: str | None = None
    bucket: str | None = None
    key: str | None = None
    version: str | None = None
    e_tag: str | None = None
    labels: dict[Name, str] = Field(default_factory=dict)
    name: str | None = None
    value: str | None = None
    labelled_at: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.uri is None) == (self.key is None):
            raise ValueError("give either uri or key: the column that names the object")
        if self.uri is not None and self.bucket is not None:
            raise ValueError("uri names the bucket already; leave bucket out")
        if (self.name is None) != (self.value is None):
            raise ValueError("name and value belong together")
        if bool(self.labels) == (self.name is not None):
            raise ValueError("give either labels (label name -> column) or the columns name and value")
        return self


class ObjectTagLabels(_Source):
    """Object tags, read with one request for each new or changed image."""

    kind: Literal["object_tags"] = "object_tags"
    id: SourceId = "object_tags"
    buckets: tuple[str, ...] = ()
    max_requests_per_run: int = Field(default=100_000, ge=1)
    requests_per_second: float = Field(default=200, gt=0, allow_inf_nan=False)
    usd_per_million_requests: Decimal | None = Field(
        default=Decimal("0.40"), ge=0, max_digits=20, decimal_places=10
    )


class TableLabels(_Files):
    """A table in S3: CSV, JSON Lines (each also as .gz) or Parquet."""

    kind: Literal["table"]
    format: Literal["auto", "csv", "jsonl", "parquet"] = "auto"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    source_bucket: str | None = Field(default=None, pattern=f"^{BUCKET_NAME.pattern}$")
    columns: LabelColumns


class GroundTruthLabels(_Files):
    """The output manifest of a SageMaker Ground Truth labelling job."""

    kind: Literal["ground_truth"]
    attribute: Name
    name: Name | None = None
    min_confidence: float = Field(default=0, ge=0, le=1)
    human_only: bool = False

    @property
    def label_name(self) -> str:
        return self.name or self.attribute


class CocoLabels(_Files):
    """A COCO file: the categories of an image's annotations are its label."""

    kind: Literal["coco"]
    name: Name = "category"
    source_bucket: str | None = Field(default=None, pattern=f"^{BUCKET_NAME.pattern}$")
    key_prefix: str = ""
    max_bytes: int = Field(default=512 * MIB, ge=1)


class DynamoDbLabels(_Source):
    """A DynamoDB table that an upload function writes; scanned whole, slowly."""

    kind: Literal["dynamodb"]
    table: str = Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")
    source_bucket: str | None = Field(default=None, pattern=f"^{BUCKET_NAME.pattern}$")
    columns: LabelColumns
    segments: int = Field(default=2, ge=1, le=64)
    is_consistent: bool = False
    read_units_per_second: float = Field(default=100, gt=0)
    max_read_units_per_run: int = Field(default=1_000_000, ge=1)
    refresh_hours: int = Field(default=6, ge=0)


class S3MetadataLabels(_Source):
    """The live inventory table of S3 Metadata (Iceberg), whose column object_tags holds the tags."""

    kind: Literal["s3_metadata"]
    table: str = Field(pattern=r"^[^.\s]+(\.[^.\s]+)+$")
    catalog: dict[str, str] = Field(min_length=1)
    max_rows: int = Field(default=200_000_000, ge=1)
    usd_per_million_requests: Decimal | None = Field(
        default=Decimal("0.40"), ge=0, max_digits=20, decimal_places=10
    )


LabelSource: TypeAlias = Annotated[
    ObjectTagLabels | TableLabels | GroundTruthLabels | CocoLabels | DynamoDbLabels | S3MetadataLabels,
    Field(discriminator="kind"),
]
SOURCES = (
    ObjectTagLabels,
    TableLabels,
    GroundTruthLabels,
    CocoLabels,
    DynamoDbLabels,
    S3MetadataLabels,
)
FileLabels: TypeAlias = TableLabels | GroundTruthLabels | CocoLabels
PER_OBJECT = ("object_tags", "s3_metadata")
"""Kinds whose labels lie on the object itself: they cannot outlive it, and an image may not have been read yet."""


class Labels(Section):
    """What makes an image labelled, and the sources that say so."""

    required: tuple[Name, ...] = Field(default=("label",), min_length=1)
    required_by_device: dict[str, tuple[Name, ...]] = Field(default_factory=dict)
    allowed: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    source: tuple[LabelSource, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_blocks(cls, data: Any) -> Any:
        """Take `[[labels]]` blocks too: sources of object tags, each with its `required_tags`."""
        if not isinstance(data, (list, tuple)) or not all(isinstance(item, dict) for item in data):
            return data
        required = {tuple(item["required_tags"]) for item in data if "required_tags" in item}
        if len(required) > 1:
            raise ValueError("required_tags differ; write required and required_by_device under [labels]")
        sources = []
        for number, item in enumerate(data):
            kept = {name: value for name, value in item.items() if name != "required_tags"}
            sources.append(
                {"kind": "object_tags", **({"id": f"object_tags_{number}"} if number else {}), **kept}
            )
        return {"source": sources, **({"required": required.pop()} if required else {})}

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        ids = [item.id for item in self.source]
        twice = {item for item in ids if ids.count(item) > 1}
        if twice:
            raise ValueError(f"source id given twice: {', '.join(sorted(twice))}")
        for device, names in self.required_by_device.items():
            if not names:
                raise ValueError(f"required_by_device.{device}: name at least one label")
        for name, values in self.allowed.items():
            if not values or "" in values:
                raise ValueError(f"allowed.{name}: list the allowed values, none of them empty")
        return self
