"""What happens in the forum, announced to the features above it."""

from blinker import signal

topic_read = signal("topic-read")  # sender: the viewer; topic_id, up_to: the last post they were shown

# Somebody acted by virtue of a role on what another wrote, and the act is not committed yet: who hears writes it down
# in the same transaction, or raises and undoes it. Sender: the viewer; kind: the journal's word; topic, post, reason.
acted_by_role = signal("acted-by-role")
