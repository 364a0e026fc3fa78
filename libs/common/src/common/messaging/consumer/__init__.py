"""The consumer: it handles events of other services in batches, once in effect, in order per key."""

from common.messaging.consumer.handlers import Handlers, Received, Waits

__all__ = ["Handlers", "Received", "Waits"]
