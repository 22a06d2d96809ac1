"""Joining: the request, and the word of the network's referent."""
