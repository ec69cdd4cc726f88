"""Where alerts go beside the work orders: webhook, Redis stream, file. `delivery` is the one place that retries."""
