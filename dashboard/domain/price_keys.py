"""What S3 sells, and how the AWS Price List calls it: the keys of the price book.

A usage type alone names no price: the same one is sold at other prices under another operation or service, and longer
names end alike ("Tables-TimedStorage-ByteHrs"). So service, usage type and, where it matters, operation must be equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dashboard.domain.storage_classes import ACCESS_TIERS

S3 = "AmazonS3"
DEEP_ARCHIVE = "AmazonS3GlacierDeepArchive"
TRANSFER = "AWSDataTransfer"
SERVICES = (S3, DEEP_ARCHIVE, TRANSFER)
"""Offers that hold a price of the book."""

GB_MONTH, GB, REQUEST, OBJECT, OBJECT_MONTH, TAG_MONTH, JOB = (
    "GB-Mo", "GB", "Requests", "Objects", "Objects-Mo", "Tag-Mo", "Jobs",
)  # fmt: skip

REGION_PREFIX = re.compile(
    r"^(?:AF[SN]?|AP[NSE]|CA[NW]?|CN[NW]|CPT|EU[CNSW]?|IL[C]?|ME[CS]|MX[C]?|SA[E]?|UG[EW]|US[EW])[0-9]?-"
)
"""The code of a region before a usage type; a looser rule would take the AWS- of AWS-Out-Bytes for one."""


@dataclass(frozen=True)
class Offered:
    """One thing that is sold.

    Attributes:
        unit: what one price is for; the price list's own units stand in `units`.
        operation: '' where the usage type says enough.
    """

    services: tuple[str, ...]
    usage_type: str
    unit: str
    units: tuple[str, ...]
    operation: str = ""


_SHORT = {
    "STANDARD": "",
    "STANDARD_IA": "SIA-",
    "ONEZONE_IA": "ZIA-",
    "GLACIER_IR": "GIR-",
    "INTELLIGENT_TIERING": "INT-",
    "GLACIER": "GLACIER-",
    "DEEP_ARCHIVE": "GDA-",
}
_TIERS = dict(zip(ACCESS_TIERS, ("FA", "IA", "AIA", "AA", "DAA"), strict=True))
_BOTH = (S3, DEEP_ARCHIVE)


def _storage() -> dict[str, Offered]:
    names = {
        "STANDARD": "TimedStorage-ByteHrs",
        "STANDARD_IA": "TimedStorage-SIA-ByteHrs",
        "ONEZONE_IA": "TimedStorage-ZIA-ByteHrs",
        "GLACIER_IR": "TimedStorage-GIR-ByteHrs",
        "GLACIER": "TimedStorage-GlacierByteHrs",
        "DEEP_ARCHIVE": "TimedStorage-GDA-ByteHrs",
        "REDUCED_REDUNDANCY": "TimedStorage-RRS-ByteHrs",
        **{
            f"INTELLIGENT_TIERING.{tier}": f"TimedStorage-INT-{code}-ByteHrs" for tier, code in _TIERS.items()
        },
    }
    return {
        f"storage.{name}": Offered(
            (DEEP_ARCHIVE,) if name == "DEEP_ARCHIVE" else (S3,), usage_type, GB_MONTH, ("GB-Mo",)
        )
        for name, usage_type in names.items()
    }


def _requests() -> dict[str, Offered]:
    found = {}
    for name, short in _SHORT.items():
        put = "PutObject" if name in {"GLACIER", "DEEP_ARCHIVE"} else ""
        for verb, tier, operation in (("put", "Tier1", put), ("get", "Tier2", "")):
            found[f"request.{name}.{verb}"] = Offered(
                _BOTH if name == "DEEP_ARCHIVE" else (S3,),
                f"Requests-{short}{tier}", REQUEST, ("Requests",), operation,
            )  # fmt: skip
    return found


def _transitions() -> dict[str, Offered]:
    names = {
        "STANDARD_IA": ("Tier4", "S3-SIATransition"),
        "ONEZONE_IA": ("Tier4", "S3-ZIATransition"),
        "GLACIER_IR": ("Tier4", "S3-GIRTransition"),
        "INTELLIGENT_TIERING": ("Tier4", "S3-INTTransition"),
        "GLACIER": ("Tier3", "S3-GlacierTransition"),
        "DEEP_ARCHIVE": ("Tier3", "S3-GDATransition"),
    }
    return {
        f"transition.{name}": Offered(_BOTH, f"Requests-{tier}", REQUEST, ("Requests",), operation)
        for name, (tier, operation) in names.items()
    }


def _restores() -> dict[str, Offered]:
    return {
        "restore_request.GLACIER.expedited": Offered((S3,), "Requests-Tier6", REQUEST, ("Requests",)),
        "restore_request.GLACIER.standard": Offered(
            (S3,), "Requests-Tier3", REQUEST, ("Requests",), "RestoreObject"
        ),
        "restore_request.GLACIER.bulk": Offered((S3,), "Requests-Tier5", REQUEST, ("Requests",)),
        "restore_request.DEEP_ARCHIVE.standard": Offered(_BOTH, "Requests-GDA-Tier3", REQUEST, ("Requests",)),
        "restore_request.DEEP_ARCHIVE.bulk": Offered(_BOTH, "Requests-GDA-Tier5", REQUEST, ("Requests",)),
        "retrieval.GLACIER.expedited": Offered((S3,), "Expedited-Retrieval-Bytes", GB, ("GB",)),
        "retrieval.GLACIER.standard": Offered(
            (S3,), "Standard-Retrieval-Bytes", GB, ("GB",), "RestoreObject"
        ),
        "retrieval.GLACIER.bulk": Offered((S3,), "Bulk-Retrieval-Bytes", GB, ("GB",), "RestoreObject"),
        "retrieval.DEEP_ARCHIVE.standard": Offered(
            _BOTH, "Standard-Retrieval-Bytes", GB, ("GB",), "DeepArchiveRestoreObject"
        ),
        "retrieval.DEEP_ARCHIVE.bulk": Offered(
            _BOTH, "Bulk-Retrieval-Bytes", GB, ("GB",), "DeepArchiveRestoreObject"
        ),
        **{
            f"retrieval.{name}": Offered((S3,), f"Retrieval-{_SHORT[name][:-1]}", GB, ("GB",))
            for name in ("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR")
        },
    }


def _others() -> dict[str, Offered]:
    early = {
        "STANDARD_IA": "EarlyDelete-SIA",
        "ONEZONE_IA": "EarlyDelete-ZIA",
        "GLACIER_IR": "EarlyDelete-GIR",
        "GLACIER": "EarlyDelete-ByteHrs",
        "DEEP_ARCHIVE": "EarlyDelete-GDA",
    }
    return {
        "monitoring.INTELLIGENT_TIERING": Offered(
            (S3,), "Monitoring-Automation-INT", OBJECT_MONTH, ("Objects", "Objects-Mo")
        ),
        **{
            f"early_delete.{name}": Offered(
                (DEEP_ARCHIVE,) if name == "DEEP_ARCHIVE" else (S3,), usage_type, GB_MONTH, ("GB-Mo",)
            )
            for name, usage_type in early.items()
        },
        "transfer.out": Offered((TRANSFER,), "DataTransfer-Out-Bytes", GB, ("GB",)),
        "inventory.listed": Offered((S3,), "Inventory-ObjectsListed", OBJECT, ("Objects",)),
        "tag.kept": Offered((S3,), "TagStorage-TagHrs", TAG_MONTH, ("Tag-Mo",)),
        "batch.job": Offered((S3,), "BatchOperations-Jobs", JOB, ("Jobs", "Count")),
        "batch.object": Offered((S3,), "BatchOperations-Objects", OBJECT, ("Objects", "Count")),
    }


KEYS: dict[str, Offered] = {**_storage(), **_requests(), **_transitions(), **_restores(), **_others()}
"""Every price an archive of images can meet, by the book's key; what a region lacks of them is missing."""


@cache
def _by_usage_type() -> dict[str, list[tuple[str, Offered]]]:
    found: dict[str, list[tuple[str, Offered]]] = {}
    for key, offered in KEYS.items():
        found.setdefault(offered.usage_type, []).append((key, offered))
    return found


def key_of(service: str, usage_type: str, operation: str) -> str | None:
    """The book's key of a product of the price list, None for what the book does not hold.

    Args:
        service: the offer's code, such as AmazonS3.
        usage_type: with or without the region's own prefix.
    """
    for key, offered in _by_usage_type().get(REGION_PREFIX.sub("", usage_type, count=1), []):
        if service in offered.services and offered.operation in {"", operation}:
            return key
    return None
