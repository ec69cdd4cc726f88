"""One file a command: it reads arguments, calls what does the work, and prints."""
