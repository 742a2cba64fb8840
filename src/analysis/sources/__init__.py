"""What comes in: the only reader of data/raw."""
