"""The console: what operators and programme staff look at, rendered on the server, without a build."""

from operations.console.app import create_console

__all__ = ["create_console"]
