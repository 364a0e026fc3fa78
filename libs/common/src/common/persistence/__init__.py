"""PostgreSQL: units of work, aggregates, queues with a lease, lists, terms, migrations."""
