"""Floor 1: the only place that talks to DuckDB."""
