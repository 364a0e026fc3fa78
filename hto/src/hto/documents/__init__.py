"""The published documents, generated from the code and committed: what differs from the code fails the build."""
