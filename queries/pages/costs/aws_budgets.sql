-- purpose: The budgets of AWS Budgets, each in its own currency; one row per budget.
-- columns: name, budget_period, unit, limit_amount, actual_amount, forecasted_amount, as_of, services
SELECT name, budget_period, unit, limit_amount, actual_amount, forecasted_amount, as_of, services
FROM marts.aws_budgets
ORDER BY name
