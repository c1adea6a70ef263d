"""How pages write dates."""
