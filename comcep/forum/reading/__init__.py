"""Queries that return what the forum's pages show; each starts from access.visibility."""
