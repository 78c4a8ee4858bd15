"""Front door of the dashboard: sidebar and navigation, then the page.

It stands in `dashboard/` and not beside `pages/`: a `pages` folder next to the entry turns on Streamlit's old multipage
mode for the first session of every server process, which empties the entry's widgets and drops the address's query.
"""

from dashboard.ui import shell

shell.run()
