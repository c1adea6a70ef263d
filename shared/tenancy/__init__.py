"""Tenants, hostnames, API keys."""
