-- purpose: The budgets of AWS Budgets as they were last read, in their own currencies; one row per budget.
-- columns: account_id, name, time_unit, unit, limit_amount, actual_amount, forecasted_amount, updated_at, ends_at,
--   services, asked_at
SELECT
    account_id,
    budget.name AS name,
    budget.time_unit AS time_unit,
    budget.unit AS unit,
    budget.limit_amount::DECIMAL(38, 10) AS limit_amount,
    budget.actual_amount::DECIMAL(38, 10) AS actual_amount,
    budget.forecasted_amount::DECIMAL(38, 10) AS forecasted_amount,
    budget.updated_at::TIMESTAMP AS updated_at,
    budget.ends_at::TIMESTAMP AS ends_at,
    budget.services AS services,
    asked_at::TIMESTAMP AS asked_at
FROM (SELECT account_id, asked_at, unnest(budgets) AS budget FROM raw.aws_budgets)
