"""Floor 2: what people do about what the archive shows, written into a journal that only grows."""
