"""Who is who across the registers: evidence, candidate pairs, the model, its scores, persons and links."""
