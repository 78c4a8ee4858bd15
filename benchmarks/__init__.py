"""How fast and how lean the dashboard is, beside other engines on the same files. `make bench`; see RESULTS.md."""
