"""Acting on the archive, and on what was found in it: datasets to freeze and to verify."""
