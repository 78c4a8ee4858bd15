"""Floor 0: what the archive is about, in plain Python without I/O."""
