"""Changes of organisations over HTTP."""
