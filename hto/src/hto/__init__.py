"""One command line for all services: the only code that knows all five."""
