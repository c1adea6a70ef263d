"""The demo: two tenants with people, keys and a little of everything."""
