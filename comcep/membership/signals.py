"""What happens to requests, announced to the features above."""

from blinker import signal

# A referent decided, and it is not committed yet. Sender: the viewer; request: as decided.
request_decided = signal("request-decided")
