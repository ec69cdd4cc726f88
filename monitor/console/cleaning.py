"""Text as it may be stored."""


def clean(text: str) -> str:
    """Text that every database can store: without NUL and lone surrogates, and without space around it."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "").strip()
