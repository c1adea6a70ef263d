"""Loading customers and what they did from files: read, check, load in batches, resume."""
