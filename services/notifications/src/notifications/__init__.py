"""Notifications: letters, webhooks and the feed."""
