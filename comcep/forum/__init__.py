"""Sections, topics, posts, and what each member has read of them."""
