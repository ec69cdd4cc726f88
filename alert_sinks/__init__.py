"""Who must act: alerts, routing, work orders and the other places that alerts go to."""
