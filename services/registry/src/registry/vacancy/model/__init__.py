"""A vacancy and its terms. Pure."""
