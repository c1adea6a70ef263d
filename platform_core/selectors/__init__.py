"""Reads of the platform, a module per noun."""
