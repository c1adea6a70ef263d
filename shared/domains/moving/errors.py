"""Why a move does not go on."""


class MoveError(RuntimeError):
    """The domain cannot be moved, or not now; the message says what to do. Nothing was switched."""
