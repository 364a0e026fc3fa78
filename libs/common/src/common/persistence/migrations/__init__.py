"""Migrations of every service, with one environment and a version table in each service's own database."""
