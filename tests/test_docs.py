"""The documents against the source. `make docs` rewrites the generated parts of README.md with the same functions."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from dashboard.aws.permissions import Permission, Role
from dashboard.errors import ExitCode
from dashboard.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCUMENTS = [
    *(
        ROOT / name
        for name in (
            "README.md",
            "README.ja.md",
            "DECISIONS.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
        )
    ),
    *sorted(path for folder in ("deploy", "docs") for path in (ROOT / folder).glob("*.md")),
]


def example_settings() -> Settings:
    """dashboard.example.toml with labels and budgets from several places, so that every permission is in the policy."""
    settings = load_settings(ROOT / "dashboard.example.toml")
    asked = settings.model_dump(include={"live", "costs"})
    asked["costs"] |= {"aws_budgets": True, "aws_forecast": True}
    return Settings.model_validate({**asked, **EXAMPLE_ARCHIVE})


EXAMPLE_ARCHIVE = {
    "inventory": [{"location": "s3://clinic-inventory/reports/clinic-images/daily/"}],
    "labels": {
        "source": [
            {"kind": "object_tags"},
            {
                "kind": "table",
                "id": "table",
                "location": "s3://clinic-labels/reading-room/",
                "columns": {"key": "file", "labels": {"label": "label"}},
            },
            {
                "kind": "dynamodb",
                "id": "dynamodb",
                "table": "upload-labels",
                "columns": {"key": "file", "labels": {"label": "label"}},
            },
        ]
    },
}


# Generated parts of README.md


def policy_section() -> str:
    """The IAM policy for the example settings, and what each permission is for."""
    return _policy("reader")


def worker_policy_section() -> str:
    """The same for the worker."""
    return _policy("worker")


def removal_policy_section() -> str:
    """What the worker needs beyond that with `operate.allow_removal`."""
    return _added_policy({"allow_removal": True})


def batch_policy_section() -> str:
    """What the worker needs beyond that with `operate.batch.threshold_objects`."""
    account = "111122223333"
    batch = {
        "threshold_objects": 50_000,
        "account_id": account,
        "role_arn": f"arn:aws:iam::{account}:role/archive-batch",
        "manifest_bucket": "clinic-batch",
    }
    return _added_policy({"batch": batch})


def _added_policy(operate: dict[str, Any]) -> str:
    from dashboard.aws.permissions import collect, render_policy

    settings = example_settings()
    allowing = Settings.model_validate(
        {**settings.model_dump(include={"live", "costs"}), **EXAMPLE_ARCHIVE, "operate": operate}
    )
    known = set(collect(settings, "worker"))
    policy = render_policy(allowing, "worker")
    without = {item["Resource"]: item["Action"] for item in render_policy(settings, "worker")["Statement"]}
    for statement in policy["Statement"]:
        usual = without.get(statement["Resource"], [])
        statement["Action"] = [action for action in statement["Action"] if action not in usual]
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
    return _shown(policy, [item for item in collect(allowing, "worker") if item not in known])


def _policy(role: Role) -> str:
    from dashboard.aws.permissions import collect, render_policy

    settings = example_settings()
    return _shown(render_policy(settings, role), collect(settings, role))


def _shown(data: dict[str, Any], permissions: Sequence[Permission]) -> str:
    reasons = [f"| `{item.action}` | {item.why} |" for item in permissions]
    policy = json.dumps(data, indent=2)
    return "\n".join(
        ["```json", policy, "```", "", "| Permission | What for |", "| --- | --- |", *dict.fromkeys(reasons)]
    )


def commands_section() -> str:
    """Every command with its arguments and options, from the command line's own help."""
    from dashboard.__main__ import app

    group: Any = typer.main.get_command(app)
    context = group.make_context("dashboard", [], resilient_parsing=True)
    return "\n\n".join(_command_blocks(group, context, "python -m dashboard"))


def _command_blocks(group: Any, context: Any, before: str) -> list[str]:
    """A block for each command of a group, and of the groups in it."""
    blocks = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command.hidden:
            continue
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        if hasattr(command, "list_commands"):
            if command.invoke_without_command:
                blocks.append(_block(command, inner, f"{before} {name}"))
            blocks += _command_blocks(command, inner, f"{before} {name}")
            continue
        blocks.append(_block(command, inner, f"{before} {name}"))
    return blocks


def _block(command: Any, inner: Any, before: str) -> str:
    usage = " ".join([before, *command.collect_usage_pieces(inner)])
    lines = [f"**`{usage}`**", "", _first_paragraph(command.help or ""), ""]
    for param in command.params:
        if getattr(param, "hidden", False):
            continue
        is_option = param.param_type_name == "option"
        names = [*param.opts, *param.secondary_opts] if is_option else [param.name]
        shown = ", ".join(f"`{item}`" for item in names)
        lines.append(f"- {shown}: {_first_paragraph(getattr(param, 'help', '') or '')}")
    return "\n".join(lines).rstrip()


def queries_section() -> str:
    """Every query that `show` answers: its name, its parameters and what one row is."""
    from dashboard.warehouse.query import page_queries

    rows = [
        f"| `{query.name}` | {', '.join(query.params) or '-'} | {query.purpose} |"
        for query in page_queries().values()
    ]
    return "\n".join(["| Query | Parameters | Answer |", "| --- | --- | --- |", *rows])


SECTIONS: dict[str, Callable[[], str]] = {
    "iam-policy": policy_section,
    "worker-policy": worker_policy_section,
    "removal-policy": removal_policy_section,
    "batch-policy": batch_policy_section,
    "commands": commands_section,
    "queries": queries_section,
}


def _first_paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split())


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- end: {name} -->)", re.DOTALL)


def _refresh(text: str, name: str) -> str:
    fresh = SECTIONS[name]()
    return _marked(name).sub(lambda match: f"{match[1]}{fresh}\n{match[3]}", text)


def test_no_help_text_holds_what_the_terminal_takes_for_markup() -> None:
    told = [line for line in commands_section().splitlines() if not line.startswith("**`")]
    assert [line for line in told if re.search(r"\[[a-z\[/]", line)] == [], "words in brackets are left out"


@pytest.mark.parametrize("name", SECTIONS)
def test_generated_part_is_fresh(name: str) -> None:
    text = README.read_text("utf-8")
    assert len(_marked(name).findall(text)) == 1
    assert _refresh(text, name) == text, "run `make docs`"


def test_policy_allows_reading_only() -> None:
    from dashboard.aws.permissions import render_policy

    policy = json.loads(json.dumps(render_policy(example_settings())))
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert actions
    assert all(action.partition(":")[2].startswith(("Get", "List", "Scan", "View")) for action in actions)


# Tables written by hand


def test_every_exit_code_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (\S.*) \|$", README.read_text("utf-8"), re.MULTILINE)
    assert [(int(code), name) for code, name, _ in rows] == [
        (int(item), item.name.lower()) for item in ExitCode
    ]


@pytest.mark.parametrize(
    ("name", "language", "row"), [("README.md", "en", "| **{}** |"), ("README.ja.md", "ja", "| {} |")]
)
def test_every_page_is_introduced_by_its_title(name: str, language: str, row: str) -> None:
    from dashboard.ui.catalogue import PAGES
    from dashboard.ui.text import _, spoken

    with spoken(language):
        titles = [_(page.title) for page in PAGES]
    text = (ROOT / name).read_text("utf-8")
    assert [title for title in titles if row.format(title) not in text] == []


def _commands(
    group: Any, context: Any, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Words and options of every command."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        if hasattr(command, "list_commands"):
            yield from _commands(command, inner, (*before, name))
        elif not command.hidden:
            yield (
                (*before, name),
                {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)},
            )


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_commands_are_shown_in_both_languages_with_options_that_they_have(name: str) -> None:
    from dashboard.__main__ import app

    group: Any = typer.main.get_command(app)
    known = dict(_commands(group, group.make_context("dashboard", [], resilient_parsing=True)))
    text = (ROOT / name).read_text("utf-8")
    shown = [line.split() for line in re.findall(r"python -m dashboard ([a-z][^`\n]*)", text)]
    named = {words for words in known for line in shown if tuple(line[: len(words)]) == words}
    assert set(known) - named == set()
    for line in shown:
        words = next((words for words in known if tuple(line[: len(words)]) == words), None)
        options = {word.partition("=")[0] for word in line if word.startswith("--")}
        assert words is None or options <= known[words], line


def test_every_make_command_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z]+)", document.read_text("utf-8")))
        assert named <= targets, document.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [link for link in links if not (document.parent / unquote(link)).exists()] == []
    headings = {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_that_is_named_with_its_section_is_one(document: Path) -> None:
    section, settings = "", set()
    for line in (ROOT / "dashboard.example.toml").read_text("utf-8").splitlines():
        if match := re.fullmatch(r"#?\[+([a-z_.]+)\]+", line):
            section = match[1]
        elif match := re.match(r"#?([a-z_]+) = ", line):
            settings.add((section, match[1]))
    named = re.findall(r"`\[+([a-z_.]+)\]+\s+([a-z_]+)\b", document.read_text("utf-8"))
    # The changes name what a setting was called before, too.
    assert document.name == "CHANGELOG.md" or set(named) <= settings


def test_decisions_are_numbered_and_whole() -> None:
    text = (ROOT / "DECISIONS.md").read_text("utf-8")
    entries = re.split(r"^## (?=\d+\. )", text, flags=re.MULTILINE)[1:]
    assert [int(entry.partition(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        assert "**Because**" in entry, entry.splitlines()[0]
        assert "**Instead of**" in entry, entry.splitlines()[0]


# Files that systems read


def test_units_run_the_documented_commands() -> None:
    services = sorted((ROOT / "deploy").glob("*.service"))
    assert services
    for file in services:
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(file, "utf-8")
        assert re.search(r"-m dashboard (sync|serve|worker|report --send)\b", unit["Service"]["ExecStart"])
        assert unit["Service"]["User"] != "root"
    timers = sorted((ROOT / "deploy").glob("*.timer"))
    assert [timer.with_suffix(".service").exists() for timer in timers] == [True] * len(timers)


@pytest.mark.parametrize("name", ["requirements", "requirements-bench"])
def test_lock_is_exact_and_names_no_address(name: str) -> None:
    lock = (ROOT / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"https?:|file:|--index|--find-links|--trusted", lock)
    entries = [entry for entry in re.split(r"\n(?=\S)", lock.strip()) if not entry.startswith("#")]
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    locked = {entry.partition("==")[0] for entry in entries}
    wanted = re.findall(r"^([A-Za-z0-9-]+)", (ROOT / f"{name}.in").read_text("utf-8"), re.MULTILINE)
    assert {item.lower() for item in wanted} - {""} <= locked | {"-c"}


def test_package_says_which_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert project["scripts"] == {"dashboard": "dashboard.__main__:main"}


if __name__ == "__main__":
    readme = README.read_text("utf-8")
    for section in SECTIONS:
        readme = _refresh(readme, section)
    README.write_text(readme, "utf-8")


def test_nginx_of_the_distributions_takes_the_example() -> None:
    """`http2 on` is of nginx 1.25.1; Debian 12 has 1.22 and Ubuntu 24.04 has 1.24."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    assert not re.search(r"^\s*http2\s", text, re.MULTILINE)
