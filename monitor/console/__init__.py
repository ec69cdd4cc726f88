"""The verification centre's console: pages for officers, and a JSON interface with the same powers."""
