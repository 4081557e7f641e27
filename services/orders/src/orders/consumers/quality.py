"""From quality: what was measured."""

from __future__ import annotations

from chassis.listening import Listener
from messaging.subjects import context_of
from orders.sagas.fulfilment import FULFILMENT

LISTENER = Listener(
    source="quality",
    handlers={kind: handle for kind, handle in FULFILMENT.handlers().items() if context_of(kind) == "quality"},
)
