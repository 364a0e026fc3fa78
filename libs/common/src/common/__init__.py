"""The plumbing: knows PostgreSQL, Kafka and HTTP; no word of the domain."""
