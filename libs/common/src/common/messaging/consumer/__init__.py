"""What happens elsewhere: events are handled in batches, once in effect, in order per key."""

from common.messaging.consumer.handlers import Handlers, Received, Waits

__all__ = ["Handlers", "Received", "Waits"]
