"""The API kit: what an endpoint of any domain shares. README.md says how to add one."""
