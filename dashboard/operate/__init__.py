"""Floor 2: what people do about what the archive shows: a worklist in a journal that only grows, and datasets."""
