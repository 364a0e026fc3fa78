"""A trainer, their profile and their qualifications. Pure."""
