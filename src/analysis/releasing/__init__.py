"""What may be seen: the gate between what is computed and what is shown."""
