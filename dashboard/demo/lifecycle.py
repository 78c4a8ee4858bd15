"""The lifecycle rules of the clinic's buckets: configured in its S3, and already carried out on its objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SMALLEST_MOVED_BYTES = 128 << 10
"""S3 moves no smaller object unless a rule says so (default since September 2024)."""

TIER_DAYS = (
    (0, "FREQUENT"),
    (30, "INFREQUENT"),
    (90, "ARCHIVE_INSTANT_ACCESS"),
    (180, "ARCHIVE"),
    (300, "DEEP_ARCHIVE"),
)
"""Days without access after which Intelligent-Tiering moves an object on; the last two are opted in."""


@dataclass(frozen=True)
class Rule:
    """One lifecycle rule, filtered by prefix; `transitions` are (days after upload, class)."""

    id: str
    bucket: str
    prefix: str
    transitions: tuple[tuple[int, str], ...] = ()
    noncurrent_transitions: tuple[tuple[int, str], ...] = ()
    noncurrent_expiration_days: int | None = None
    abort_upload_days: int | None = None
    expires_markers: bool = False
    tag: tuple[str, str] | None = None
    is_enabled: bool = True

    def applies_to(self, bucket: str, key: str) -> bool:
        """Whether an enabled rule covers a key; rules with a tag filter cover nothing here (they are disabled)."""
        return self.is_enabled and self.tag is None and bucket == self.bucket and key.startswith(self.prefix)

    def as_request(self) -> dict[str, Any]:
        """The rule as moto's backend takes it: the elements of the request's XML."""
        rule: dict[str, Any] = {"ID": self.id, "Status": "Enabled" if self.is_enabled else "Disabled"}
        if self.tag:
            rule["Filter"] = {"Tag": {"Key": self.tag[0], "Value": self.tag[1]}}
        else:
            rule["Filter"] = {"Prefix": self.prefix}
        if self.transitions:
            rule["Transition"] = [
                {"Days": str(days), "StorageClass": to_class} for days, to_class in self.transitions
            ]
        if self.noncurrent_transitions:
            rule["NoncurrentVersionTransition"] = [
                {"NoncurrentDays": str(days), "StorageClass": to_class}
                for days, to_class in self.noncurrent_transitions
            ]
        if self.noncurrent_expiration_days:
            rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": str(self.noncurrent_expiration_days)}
        if self.expires_markers:
            rule["Expiration"] = {"ExpiredObjectDeleteMarker": "true"}
        if self.abort_upload_days:
            rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": str(self.abort_upload_days)}
        return rule


RULES = (
    Rule("ipad-intelligent-tiering", "sakura-eye-photos", "ipad/", ((30, "INTELLIGENT_TIERING"),)),
    Rule("dslr-to-archive", "sakura-eye-photos", "dslr/",
         ((30, "STANDARD_IA"), (120, "GLACIER_IR"), (270, "DEEP_ARCHIVE"))),
    Rule("photos-old-versions", "sakura-eye-photos", "", noncurrent_expiration_days=90, abort_upload_days=7),
    Rule("photos-expired-markers", "sakura-eye-photos", "", expires_markers=True),
    Rule("surgical-to-archive", "sakura-eye-microscopes", "surgical/",
         ((30, "STANDARD_IA"), (90, "GLACIER"), (240, "DEEP_ARCHIVE")), ((30, "GLACIER"),)),
    Rule("bacteria-one-zone", "sakura-eye-microscopes", "bacteria/", ((45, "ONEZONE_IA"), (210, "GLACIER"))),
    Rule("endoscope-instant", "sakura-eye-imaging", "endoscope/", ((60, "GLACIER_IR"), (330, "DEEP_ARCHIVE"))),
    Rule("xray-infrequent", "sakura-eye-imaging", "xray/", ((60, "STANDARD_IA"), (240, "GLACIER_IR"))),
    Rule("teaching-to-standard-ia", "sakura-eye-imaging", "", ((30, "STANDARD_IA"),),
         tag=("purpose", "teaching"), is_enabled=False),
)  # fmt: skip
"""Every rule of every bucket; all that S3 would have carried out by now is done."""
