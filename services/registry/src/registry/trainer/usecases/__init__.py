"""Use cases of trainers and their qualifications."""
