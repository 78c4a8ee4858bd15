"""The server process of the embedded archive; started by `dashboard.demo.archive`, not by people."""

import sys
from pathlib import Path

from dashboard.demo.server import main

main(Path(sys.argv[1]))
