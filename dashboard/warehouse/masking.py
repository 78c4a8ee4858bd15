"""Masked keys: what somebody sees who may not see an object's name.

`ipad/01/2026/11/20/山田花子.jpg` becomes `ipad/01/…/▒3f9a1c07.jpg`: the place that the settings name and a known
extension stay, the rest is a digest. It is keyed by a secret of this warehouse, so that nobody can try names until one
fits, and always the same, so that people can talk about an object.
"""

from __future__ import annotations

import functools
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_to_bytes

from dashboard.domain.patient import is_garbled, looks_like_patient
from dashboard.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

KEY_FILE = "masking.key"
SIGN = "▒"

Mode = Literal["patient", "all"]
Role = Literal["key", "raw", "part", "text", "plain"]

_DIGITS = 8
_KEY_COLUMNS = frozenset(
    {"key", "subject", "prefix", "keys", "subjects", "prefixes", "folder_path", "source-ref", "source_ref"}
)
_NO_KEYS = frozenset({"tag_key"})
# `sample` is the beginning of a row of a label file, which names an object.
_RAW_COLUMNS = frozenset({"raw_key", "key_hex", "sample"})
# What a viewer's own choice cuts out of keys and labels: too short to be judged, and cut again and again it tells all.
_PART_COLUMNS = frozenset({"key_part"})
# Digests and random texts name nobody, and are long enough to hold anything by chance. A finding's id is a digest of
# its key without a secret: actions need it, no table or export may show it.
_DIGEST_COLUMNS = frozenset(
    {"version_id", "e_tag", "finding_id", "content_id", "snapshot_id", "dataset_hash", "checksum"}
)
# Who does the work, by a name that people here gave. Nothing of it comes from the archive.
_COLLEAGUE_COLUMNS = frozenset({"owner", "actor"})
_PLAIN_COLUMNS = _DIGEST_COLUMNS | _COLLEAGUE_COLUMNS
_COMMON_EXTENSIONS = frozenset(
    re.split(
        "/",
        # Images, what microscopes write, videos, and what lies beside them.
        "jpg/jpeg/png/heic/heif/tif/tiff/bmp/gif/webp/dcm/raw/cr2/cr3/nef/arw/raf/dng/czi/nd2/oir/vsi/lif/ets/svs/ndpi/"
        "mov/mp4/avi/mts/csv/json/xml/txt/pdf/docx/xlsx/zip/tmp/part/db/ini",
    )
)
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")


def role_of(column: str) -> Role:
    """What a column of a query holds: keys, raw bytes or cut-out parts of them, other text, or nothing of the kind."""
    if column in _PLAIN_COLUMNS:
        return "plain"
    if column in _RAW_COLUMNS:
        return "raw"
    if column in _PART_COLUMNS:
        return "part"
    is_key = column in _KEY_COLUMNS or column.endswith(("_key", "_keys", "_prefix", "_subject"))
    return "key" if is_key and column not in _NO_KEYS else "text"


def secret(folder: Path) -> bytes:
    """The secret of a warehouse folder, made when first asked for and readable by its owner only.

    A server that may not write there and comes before the first sync makes one up for as long as it runs.
    """
    path = folder / KEY_FILE
    for _ in range(2):
        try:
            return bytes.fromhex(path.read_text("ascii").strip())
        except FileNotFoundError:
            made = secrets.token_bytes(32)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            except OSError:
                return _made_up(folder)
            with os.fdopen(handle, "w") as stream:
                stream.write(made.hex())
            return made
        except (OSError, ValueError):
            return _made_up(folder)
    return _made_up(folder)


@functools.cache
def _made_up(_folder: Path) -> bytes:
    return secrets.token_bytes(32)


class Masker:
    """Masks the keys of one archive. Safe to share between threads."""

    def __init__(self, settings: Settings, mode: Mode | None = None) -> None:
        """
        Args:
            mode: mask keys that look like a patient's identity, or all; left out, what the settings say.
        """
        self.mode: Mode = mode or ("all" if settings.privacy.mask == "all" else "patient")
        self._secret = secret(settings.warehouse.folder)
        self._place = _places(settings)
        self._extensions = _COMMON_EXTENSIONS | {
            extension.lower() for device in settings.device for extension in device.extensions
        }

    def text(self, text: str) -> str:
        """Any text: masked if it looks as if it carried a patient's identity or cannot be judged."""
        return self._masked(text) if looks_like_patient(text) or is_garbled(text) else text

    def key(self, key: str) -> str:
        """A key, a folder or the subject of a finding."""
        return self._masked(key) if self.mode == "all" else self.text(key)

    def told(self, text: str) -> str:
        """What a fault or a note tells of: any text, or the address of an object."""
        match = self._place.match(text)
        return self.key(text) if match and match[0] else self.text(text)

    def raw(self, raw: str) -> str:
        """A key as it came in a report, perhaps percent-encoded and not UTF-8."""
        try:
            decoded = unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            return self._masked(raw)
        return self._masked(raw) if self.key(decoded) != decoded else self.key(raw)

    def extension(self, extension: str) -> str:
        """A file name's ending: what no device and no common format has is text that somebody typed."""
        return extension if extension.lower() in self._extensions else self.key(extension)

    def value(self, column: str, value: Any) -> Any:
        """One value of a query's column; lists and maps by their parts."""
        role = role_of(column)
        if role == "plain" or value is None:
            return value
        by_role: dict[str, Callable[[str], str]] = {
            "key": self.key,
            "raw": self.raw,
            "part": self._masked,
            "text": self.text,
        }
        return _each(value, self.extension if column == "extension" else by_role[role])

    def rows(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Rows of plain values, masked."""
        return [
            tuple(self.value(column, value) for column, value in zip(columns, row, strict=True))
            for row in rows
        ]

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with its keys masked; `attrs["masked"]` are the marks that now stand for them."""
        import pandas as pd

        changed: dict[str, list[Any]] = {}
        marks: set[str] = set()
        for name in frame.columns:
            if role_of(str(name)) == "plain" or not _holds_text(frame[name]):
                continue
            known: dict[str, str] = {}
            values = frame[name].tolist()
            masked = [self._once(str(name), value, known) for value in values]
            if any(new is not old for new, old in zip(masked, values, strict=True)):
                changed[str(name)] = masked
                marks |= {match for text in known.values() for match in _MARK.findall(text)}
        result = (
            frame.assign(
                **{
                    name: pd.Series(values, index=frame.index, dtype=frame[name].dtype)
                    for name, values in changed.items()
                }
            )
            if changed
            else frame.copy(deep=False)
        )
        result.attrs = {**frame.attrs, "masked": tuple(sorted(marks))}
        return result

    def _once(self, column: str, value: Any, known: dict[str, str]) -> Any:
        if not isinstance(value, str):
            new = self.value(column, value) if _is_nested(value) else value
            if new is not value:
                known[repr(new)] = repr(new)
            return new
        if value not in known:
            new = self.value(column, value)
            known[value] = value if new == value else new
        found = known[value]
        return value if found == value else found

    def _masked(self, text: str) -> str:
        match = self._place.match(text)
        kept = match[0] if match else ""
        bucket = (match["bucket"] or "") if match else ""
        rest = text[len(kept) :]
        if not any(character.isalnum() for character in rest) or _MONTH.fullmatch(rest):
            return text
        digest = hmac.digest(self._secret, text[len(bucket) :].encode("utf-8", "surrogatepass"), "sha256")
        ending = _EXTENSION.search(rest)
        extension = ending[0] if ending and ending[1].lower() in self._extensions else ""
        folders = "…/" if "/" in rest.strip("/") else ""
        return f"{kept}{folders}{SIGN}{digest.hex()[:_DIGITS]}{extension}"


_MARK = re.compile(f"{SIGN}[0-9a-f]{{{_DIGITS}}}")


def _places(settings: Settings) -> re.Pattern[str]:
    """Beginnings of keys that the settings themselves name: bucket, device, unit."""
    buckets = _any({location.source_bucket for location in settings.inventory})
    places = ["unattributed/?"]
    for device in sorted(settings.device, key=lambda item: -len(item.folder)):
        for folder in (device.folder, f"{device.id}/"):
            places.append(f"{re.escape(folder)}(?:{_any(device.units)}(?:/|$))?")
            places.append(f"{re.escape(folder.rstrip('/'))}$")
    return re.compile(f"(?P<bucket>(?:s3://)?{buckets}/)?(?:{'|'.join(places)})?")


def _any(texts: Iterable[str]) -> str:
    return (
        "(?:"
        + ("|".join(re.escape(text) for text in sorted(texts, key=lambda item: -len(item))) or "(?!)")
        + ")"
    )


def _holds_text(values: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_string_dtype(values.dtype) or values.dtype == object)


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict)) or (
        hasattr(value, "tolist") and getattr(value, "ndim", 0) > 0
    )


def _each(value: Any, mask: Callable[[str], str]) -> Any:
    """A value with every text in it masked; the very same object if nothing changed."""
    if isinstance(value, str):
        new = mask(value)
        return value if new == value else new
    if isinstance(value, dict):
        pairs = {_each(name, mask): _each(item, mask) for name, item in value.items()}
        return value if pairs == value else pairs
    if _is_nested(value):
        items = value.tolist() if hasattr(value, "tolist") else list(value)
        masked = [_each(item, mask) for item in items]
        return value if masked == items else masked
    return value
