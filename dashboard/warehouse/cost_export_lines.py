"""The one pass over an export of the bill: what its columns mean, and its rows added up to lines that can be believed.

CUR 2.0 and FOCUS are told apart by their columns. Amounts are read with 18 decimals, added up and then rounded to the
ten of the bill; the doubles of a Parquet file are taken at their value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from dashboard.settings import Costs

_SERVICES = {
    "AmazonS3": "Amazon Simple Storage Service",
    "AmazonGlacier": "Amazon Glacier",
    "AmazonS3GlacierDeepArchive": "Amazon S3 Glacier Deep Archive",
}

_CUR = {
    "start": "line_item_usage_start_date",
    "account": "line_item_usage_account_id",
    "resource": "line_item_resource_id",
    "service": "line_item_product_code",
    "usage_type": "line_item_usage_type",
    "operation": "line_item_operation",
    "record": "line_item_line_item_type",
    "cost": "line_item_unblended_cost",
    "currency": "line_item_currency_code",
    "amount": "line_item_usage_amount",
    "unit": "pricing_unit",
    "tags": "resource_tags",
    "invoice": "bill_invoice_id",
}
_FOCUS = {
    "start": "ChargePeriodStart",
    "account": "SubAccountId",
    "resource": "ResourceId",
    "service": "ServiceName",
    "code": "x_ServiceCode",
    "usage_type": "x_UsageType",
    "operation": "x_Operation",
    "record": "ChargeCategory",
    "cost": "BilledCost",
    "currency": "BillingCurrency",
    "amount": "ConsumedQuantity",
    "unit": "ConsumedUnit",
    "tags": "Tags",
    "invoice": "InvoiceId",
}
_NEEDED = {
    "cur2": ("start", "service", "usage_type", "operation", "record", "cost", "currency"),
    "focus": ("start", "service", "record", "cost", "currency"),
}


class ExportInvalid(ValueError):
    """A delivery that cannot be believed; the text says why."""


def read_lines(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    costs: Costs,
    month: date,
    after: date,
    *,
    is_old: bool,
) -> str:
    """Create the table `lines` from a delivery: one row per day and everything the pages cut by.

    Args:
        month, after: first day of the billing month, and of the one after it.
        is_old: whether a month without invoice numbers counts as final.

    Returns:
        cur2 or focus.

    Raises:
        ExportInvalid: missing columns, another currency, numbers that are none, days of another month.
        duckdb.Error: a file is damaged.
    """
    source = _source(files)
    paths = [str(file) for file in files]
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}", {"files": paths}).fetchall()
    types = {str(name): str(type_) for name, type_, *_rest in described}
    kind = "cur2" if _CUR["cost"] in types else "focus" if _FOCUS["cost"] in types else ""
    names = _CUR if kind == "cur2" else _FOCUS
    missing = [names[part] for part in _NEEDED.get(kind, ()) if names[part] not in types]
    if not kind or missing:
        wanted = ", ".join(missing) or f"{_CUR['cost']} (CUR 2.0) or {_FOCUS['cost']} (FOCUS)"
        raise ExportInvalid(f"the columns {wanted} are missing")
    tags = [
        {f"tag_{number}_{turn}": name for turn, name in enumerate(_tag_names(tag))}
        for number, tag in enumerate(costs.tags)
    ]
    named = {param: name for tag in tags for param, name in tag.items()} if names["tags"] in types else {}
    codes = _SERVICES | (_learned(connection, source, paths, types, costs) if kind == "cur2" else {})
    accepted = [*costs.services, *(code for code, name in codes.items() if name in costs.services)]
    connection.execute(
        f"CREATE TEMP TABLE lines AS {_lines(names, types, source, tags, is_old)}",
        {"files": paths, "services": accepted, "codes": list(codes), "called": list(codes.values()), **named},
    )
    _believe(connection, month, after)
    return kind


def _lines(
    names: dict[str, str],
    types: dict[str, str],
    source: str,
    tags: Sequence[dict[str, str]],
    is_old: bool,
) -> str:
    """The one pass: every row of the archive's services, added up by day and everything the pages cut by.

    Rows are grouped as they stand, and what they mean is worked out for the groups: text functions on a million rows
    would take longer than reading them.
    """
    parts = (
        "account",
        "resource",
        "service",
        "code",
        "usage_type",
        "operation",
        "record",
        "currency",
        "unit",
    )
    raw = {part: f'"{names[part]}"' for part in parts if names.get(part) in types}
    is_map = types.get(names["tags"], "").startswith("MAP")
    values = [_tag_value(names["tags"], types.get(names["tags"], ""), tag) for tag in tags]
    early = values if is_map else [f'"{names["tags"]}"'] if names["tags"] in types and tags else []
    late = "[" + ", ".join(f"tag_{place}" for place in range(len(tags))) + "]" if is_map else _list(values)
    start = f'"{names["start"]}"'
    day = f"{start}::TIMESTAMP::DATE" if types[names["start"]] != "VARCHAR" else f"left({start}, 10)"
    estimated = f"coalesce(\"{names['invoice']}\", '') IN ('', 'NULL')"
    code = "code" if "code" in raw else "service"

    def text(part: str) -> str:
        # FOCUS files were seen that write the word NULL.
        return f"coalesce(nullif({part}, 'NULL'), '')" if part in raw else "''"

    def number(part: str) -> str:
        name = names[part]
        if name not in types:
            return "NULL::DECIMAL(38, 18)"
        # A DOUBLE is taken at its value; by way of its text a million of them would take half a second.
        return f'TRY_CAST("{name}" AS DECIMAL(38, 18))'

    return f"""
        WITH given AS (
            SELECT
                {day} AS day,
                {"".join(f"{column} AS {part}, " for part, column in raw.items())}
                {"".join(f"{item} AS {f'tag_{place}' if is_map else 'tags'}, " for place, item in enumerate(early))}
                {estimated if names["invoice"] in types else f"NOT {is_old}"} AS is_estimated,
                {number("cost")} AS cost,
                {number("amount")} AS amount
            FROM {source}
            WHERE {" OR ".join(f"list_contains($services, {raw[part]})" for part in sorted({"service", code}))}
        ),

        added AS (
            SELECT
                * EXCLUDE (cost, amount),
                sum(cost) AS cost,
                sum(amount) AS amount,
                count(*) AS row_count,
                count(cost) AS good_count,
                max(abs(cost)) AS largest
            FROM given
            GROUP BY ALL
        )

        SELECT
            day::DATE AS start_on,
            {text("account")} AS account_id,
            regexp_replace({text("resource")}, '^arn:[^:]*:s3:[^:]*:[^:]*:([^/]*).*$', '\\1') AS bucket,
            coalesce(map($codes, $called)[{text(code)}], {text("service")}) AS service,
            {text("usage_type")} AS usage_type,
            {text("operation")} AS operation,
            {text("record")} AS record_type,
            {late}::VARCHAR[] AS tag_values,
            {text("currency")} AS currency,
            round(sum(cost), 10)::DECIMAL(38, 10) AS cost_usd,
            round(sum(amount), 10)::DECIMAL(38, 10) AS usage_amount,
            {text("unit")} AS usage_unit,
            is_estimated,
            sum(row_count)::BIGINT AS row_count,
            sum(row_count - good_count + CASE WHEN largest >= 1000000000000 THEN 1 ELSE 0 END)::BIGINT AS bad_count
        FROM added
        GROUP BY ALL
    """


def _learned(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    paths: Sequence[str],
    types: dict[str, str],
    costs: Costs,
) -> dict[str, str]:
    """The codes that CUR writes for the settings' other services, by the name that stands beside them in `product`."""
    others = [name for name in costs.services if name not in _SERVICES.values() and " " in name]
    if not others:
        return {}
    if "product" not in types:
        raise ExportInvalid(f"the column product is missing, without which {others[0]} is not found")
    name = (
        "\"product\"['product_name']"
        if types["product"].startswith("MAP")
        else "json_extract_string(nullif(\"product\", ''), '$.product_name')"
    )
    found = connection.execute(
        f'SELECT DISTINCT "{_CUR["service"]}" AS code, {name} AS called FROM {source} '
        "WHERE list_contains($others, called) AND code IS NOT NULL ORDER BY ALL",
        {"files": paths, "others": others},
    ).fetchall()
    return {str(code): str(called) for code, called in found}


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(values)}]"


def _tag_value(column: str, type_: str, names: dict[str, str]) -> str:
    """A tag's value by the first of its names that has one; `names` are parameters."""
    if not type_:
        return "''"
    if type_.startswith("MAP"):
        each = [f'"{column}"[${name}]' for name in names]
    else:  # a CSV file holds the map as JSON
        each = [f"json_extract_string(nullif(tags, ''), '$.\"' || ${name} || '\"')" for name in names]
    return f"coalesce({', '.join(each)}, '')"


def _tag_names(tag: str) -> list[str]:
    """How exports call a cost-allocation tag: CUR 2.0 writes `user_` and replaces what is no letter or digit."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in tag.lower())
    return list(dict.fromkeys([tag, f"user:{tag}", f"user_{tag}", f"user_{plain}"]))


def _believe(connection: duckdb.DuckDBPyConnection, month: date, after: date) -> None:
    """Refuse a delivery of which one line cannot be believed."""
    for sql, problem in (
        (
            "SELECT any_value(currency) FROM lines WHERE currency <> 'USD'",
            "an amount is in {} instead of USD",
        ),
        (
            "SELECT max(bad_count) FROM lines HAVING max(bad_count) > 0",
            "{} amounts are no numbers, or out of bounds",
        ),
        (
            f"SELECT min(start_on) FROM lines WHERE start_on IS NULL OR start_on < DATE '{month}' "
            f"OR start_on >= DATE '{after}' HAVING count(*) > 0",
            "a line of {} stands in another month's folder",
        ),
    ):
        found = connection.execute(sql).fetchone()
        if found and found[0] is not None:
            raise ExportInvalid(problem.format(repr(str(found[0])[:40])))


def _source(files: Sequence[Path]) -> str:
    if all(file.suffix == ".parquet" for file in files):
        return "read_parquet($files, union_by_name = true, hive_partitioning = false)"
    # DuckDB looks through a whole buffer, 32 MiB unless it is told, for each statement before it begins to read.
    return (
        "read_csv($files, header = true, all_varchar = true, union_by_name = true, hive_partitioning = false, "
        "quote = '\"', escape = '\"', delim = ',', strict_mode = true, max_line_size = 4194304, buffer_size = 8388608)"
    )
