"""Safety-Net Monitor, put together: settings, pipeline, commands, worker, replay, console.

From Python: ``from monitor import replay`` (docs/python.md).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.frames import Results, replay

__all__ = ["Results", "replay"]


def __getattr__(name: str) -> Any:
    """Load what analysts use when it is asked for: pandas would make every command slower."""
    if name in __all__:
        from monitor import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
