"""Changes that reach tenants one after the other: migrations of their own schemas, and features.

A wave brings one change to some tenants: ``subjects.py`` knows what can change, ``waves.py`` who is next and where it
stopped. Command: ``manage.py rollout``.
"""
