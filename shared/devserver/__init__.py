"""One machine, no set-up: embedded PostgreSQL and Valkey, and the processes that `make run` supervises.

Imports nothing of the rest of the project but :mod:`shared.domains.logins`, and Django not at all, so that it
can say what is wrong with a machine on which the platform cannot start.
"""
