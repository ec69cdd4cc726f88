"""Pages that open without a network: one file each, Chinese and English."""
