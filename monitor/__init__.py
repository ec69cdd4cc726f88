"""Put together: settings, the command line, the worker, replay, the console."""
