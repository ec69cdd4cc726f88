"""What happened: feeds, identity, the roster and the way from a record to a household."""
