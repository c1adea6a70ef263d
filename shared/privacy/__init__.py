"""What the installation holds of a person and of a tenant: where it lies, how it leaves, how long it stays.

``people.py`` derives which tables hold a customer's data; export, retention and holds stand on it.
"""
