"""Two configurations over the same files: what the second adds, loses and changes."""
