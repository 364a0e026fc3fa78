"""Events between services: the two logs, outbox and relay, inbox, consumers and parking."""
