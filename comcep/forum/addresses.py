"""Addresses of topics and posts, written by hand: a list has dozens, and url_for looks each route up again.

A test compares each with the route it leads to.
"""

from typing import Any


def topic_address(topic: Any, page: int = 1) -> str:
    """The canonical address of a topic: /sujets/<id>-<slug>, with its page from the second on."""
    address = f"/sujets/{topic.public_id}-{topic.slug}"
    return f"{address}?page={page}" if page > 1 else address


def post_address(topic: Any, page: int, post_public_id: int) -> str:
    """A post at its place in its topic."""
    return f"{topic_address(topic, page)}#message-{post_public_id}"


def stable_address(topic: Any, page: int = 1) -> str:
    """A topic's address without the slug, which is its title: for mails and next=."""
    address = f"/sujets/{topic.public_id}"
    return f"{address}?page={page}" if page > 1 else address
