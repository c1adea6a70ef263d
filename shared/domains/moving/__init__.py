"""Moving a domain to another database while it is in use: see move.py for the steps, decision 0025 for the reasons."""

from shared.domains.moving.errors import MoveError
from shared.domains.moving.run import move_domain

__all__ = ["MoveError", "move_domain"]
