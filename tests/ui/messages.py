"""Finds every text that people see: in Python, in templates of faults, in the headers of rules, in page queries.

`python tests/ui/messages.py` lists what the Japanese catalogue lacks, `--write` adds empty entries for it and
drops what nobody uses any more.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
JAPANESE = ROOT / "locale" / "ja" / "LC_MESSAGES" / "dashboard.po"
RULE_TEXTS = re.compile(r"^-- (title|remedy|deed|risk|basis):\s*(.+)$")
PHRASE = re.compile(r"'((?:[A-Z][a-z]+|\{[a-z_]+\})(?:[ ,:(][^'%]*)?)'")
CONTINUED = re.compile(r"^--  +(\S.*)$")

Message = str | tuple[str, ...]


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(names: set[str]) -> Iterator[tuple[ast.Call, Path]]:
    """Calls of functions by name in `dashboard/` and `pages/`."""
    for folder in ("dashboard", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(tree_of(path)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                    yield node, path.relative_to(ROOT)


def literal(node: ast.expr) -> str | None:
    """The text of a literal; None for everything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def from_code() -> Iterator[tuple[Message, str]]:
    """Messages marked in the code, with their places."""
    for node, path in calls({"_", "N_", "n_", "Note"}):
        texts = [literal(item) for item in node.args[:2]]
        place = f"{path}:{node.lineno}"
        if getattr(node.func, "id", "") in {"n_", "Note"} and len(texts) == 2 and texts[0] and texts[1]:
            yield (texts[0], texts[1]), place
        elif texts and texts[0]:
            yield texts[0], place


def literals(node: ast.expr, tree: ast.Module) -> Iterator[ast.Constant]:
    """The texts an argument may be: itself, either branch, or what its name was given in the same file."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body, tree)
        yield from literals(node.orelse, tree)
    elif isinstance(node, ast.Name):
        for item in ast.walk(tree):
            targets = item.targets if isinstance(item, ast.Assign) else ()
            if any(isinstance(target, ast.Name) and target.id == node.id for target in targets):
                value = item.value if isinstance(item, ast.Assign) else node
                if not isinstance(value, ast.Name):
                    yield from literals(value, tree)


def fault_texts(node: ast.AST) -> list[ast.expr]:
    """Title, cause and next step of a fault, if the node builds one."""
    if not isinstance(node, ast.Call) or not any(item.arg == "next_step" for item in node.keywords):
        return []
    named = [item.value for item in node.keywords if item.arg in {"title", "cause", "next_step"}]
    return [*node.args[:2], *named]


def handed_in(tree: ast.Module) -> Iterator[ast.expr]:
    """What functions that build faults for others of their file are given as texts of these."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = [item.arg for item in function.args.args if item.arg != "self"]
        known = {*names, *(item.arg for item in function.args.kwonlyargs)}
        texts = [text for node in ast.walk(function) for text in fault_texts(node)]
        wanted = {text.id for text in texts if isinstance(text, ast.Name)} & known
        for call in ast.walk(tree) if wanted else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(function.name):
                given = dict(zip(names, call.args, strict=False))
                given |= {item.arg: item.value for item in call.keywords if item.arg}
                yield from (given[name] for name in sorted(wanted & given.keys()))


def from_faults() -> Iterator[tuple[Message, str]]:
    """Templates of faults: title, cause and next step of everything that is built with a `next_step`."""
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        tree = tree_of(path)
        built = [text for node in ast.walk(tree) for text in fault_texts(node)]
        for value in (*built, *handed_in(tree)):
            for text in literals(value, tree):
                if has_words(str(text.value)):
                    yield str(text.value), f"{path.relative_to(ROOT)}:{text.lineno}"


def from_rules() -> Iterator[tuple[Message, str]]:
    """Titles and remedies of the alert rules, and what the queries of savings say of themselves."""
    for path in sorted(
        path for name in ("alerts", "savings") for path in (ROOT / "queries" / name).glob("*.sql")
    ):
        found: dict[str, str] = {}
        last = ""
        for text in path.read_text("utf-8").splitlines():
            if match := RULE_TEXTS.match(text):
                last = match[1]
                found[last] = match[2].strip()
            elif last and (match := CONTINUED.match(text)):
                found[last] += f" {match[1].strip()}"
            else:
                last = ""
        for value in found.values():
            yield value, str(path.relative_to(ROOT))


def from_queries() -> Iterator[tuple[Message, str]]:
    """Our own words that a page query puts into a column, for columns of the form `phrase`."""
    for path in sorted((ROOT / "queries" / "pages").rglob("*.sql")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for text in () if line.startswith("--") else PHRASE.findall(line):
                if has_words(text):
                    yield text, f"{path.relative_to(ROOT)}:{number}"


def has_words(template: str) -> bool:
    """Whether anything is left to translate when the placeholders are gone."""
    return bool(re.search(r"[A-Za-z]", re.sub(r"\{[^}]*\}", "", template)))


@functools.cache
def everything() -> dict[Message, str]:
    """All messages with the first place each is used at."""
    found: dict[Message, str] = {}
    for source in (from_code, from_faults, from_rules, from_queries):
        for message, place in source():
            found.setdefault(message, place)
    return found


def catalogue() -> Catalog:
    """The Japanese catalogue."""
    with JAPANESE.open("rb") as stream:
        known = read_po(stream, locale="ja")
    known.last_translator = known.language_team = known.msgid_bugs_address = ""
    return known


def missing(known: Catalog) -> list[tuple[Message, str]]:
    """Messages without a translation."""
    lacking = []
    for message, place in everything().items():
        entry = known.get(message[0] if isinstance(message, tuple) else message)
        text = entry.string if entry else ""
        if not (all(text) if isinstance(text, tuple | list) else text):
            lacking.append((message, place))
    return lacking


def main() -> None:
    known = catalogue()
    lacking = missing(known)
    for message, place in lacking:
        print(f"{place}: {message!r}")
    if "--write" in sys.argv:
        for message, _place in lacking:
            known.add(message)
        used = {message[0] if isinstance(message, tuple) else message for message in everything()}
        for entry in list(known):
            message = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
            if message and message not in used:
                known.delete(message)
        with JAPANESE.open("wb") as stream:
            write_po(stream, known, width=110, sort_output=True, omit_header=False)


if __name__ == "__main__":
    main()
