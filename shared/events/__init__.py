"""Events: a committed change reaches every app, exactly once in effect.

``publish`` writes to the outbox in the transaction of the change; the relay gives it to each subscriber's inbox, here or in
another database; a drain runs the handlers. See README.md.
"""

from shared.events.declaring import CustomerRecordState, Event, RecordChanged, event
from shared.events.handling import Delivered, on, on_many
from shared.events.publishing import publish, publish_all

__all__ = [
    "CustomerRecordState",
    "Delivered",
    "Event",
    "RecordChanged",
    "event",
    "on",
    "on_many",
    "publish",
    "publish_all",
]
