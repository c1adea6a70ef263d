"""Tables that lie in ``public`` come into the domains' schemas without a row being copied.

``migrate`` makes each table empty where it belongs; the one from ``public`` is brought to the same shape and takes its
place, all of them in one transaction. What migrations say is thereby true, whatever the ledger of before says.
"""


class AdoptionError(RuntimeError):
    """The tables cannot be adopted; the message says why, and nothing was changed."""
