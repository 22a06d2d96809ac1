"""What happens in the forum, announced to the features above it."""

from blinker import signal

topic_read = signal("topic-read")  # sender: the viewer; topic_id, up_to: the last post they were shown
