"""Trainers and their qualifications over HTTP."""
