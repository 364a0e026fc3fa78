"""Endpoints, their deliveries, and which of these a worker claims."""
