"""Groups of commands of the command line, each beside the use cases it calls."""
