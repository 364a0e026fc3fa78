"""What happens elsewhere: events are handled in batches, once in effect, in order per key."""

from common.consumer.handlers import Handlers, Received

__all__ = ["Handlers", "Received"]
