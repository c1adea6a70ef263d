"""Backfills: old rows get what new code gives to new ones, chunk by chunk, while everybody works.

A domain declares its own in ``<app>/backfills.py`` (``registry.py``); ``manage.py backfill`` runs them
(``running.py``).
"""
