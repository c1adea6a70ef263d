"""Live streams: what happens in a tenant, told to its people's browsers as server-sent events."""
