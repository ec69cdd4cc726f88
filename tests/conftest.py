"""How Hypothesis searches: without a stopwatch, and in CI the same examples for the same code. And Ctrl-C is heard.

A shell that starts the suite in the background lets it ignore Ctrl-C, and so would every command that a test starts.
"""

import os
import signal

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")
signal.signal(signal.SIGINT, signal.default_int_handler)
