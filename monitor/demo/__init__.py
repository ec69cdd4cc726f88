"""`make demo`: a county's year through the live service, on real parts, with figures that a person understands."""
