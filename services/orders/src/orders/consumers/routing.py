"""From routing: which machine has a job order, and what comes of it."""

from __future__ import annotations

from chassis.listening import Listener
from messaging.subjects import context_of
from orders.sagas.fulfilment import FULFILMENT

LISTENER = Listener(
    source="routing",
    handlers={kind: handle for kind, handle in FULFILMENT.handlers().items() if context_of(kind) == "routing"},
)
