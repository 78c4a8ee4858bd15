-- purpose: The budgets of AWS Budgets that have not ended, with the day that AWS reckoned them; one row per budget.
-- columns: name, budget_period, unit, limit_amount, actual_amount, forecasted_amount, as_of, services
SELECT
    name,
    CASE time_unit
        WHEN 'DAILY' THEN 'day'
        WHEN 'MONTHLY' THEN 'month'
        WHEN 'QUARTERLY' THEN 'quarter'
        WHEN 'ANNUALLY' THEN 'year'
        ELSE 'custom'
    END AS budget_period,
    unit,
    limit_amount,
    actual_amount,
    forecasted_amount,
    coalesce(updated_at, asked_at) AS as_of,
    services
FROM staging.aws_budgets
WHERE ends_at IS NULL OR ends_at > asked_at
ORDER BY name
