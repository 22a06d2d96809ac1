"""What happens by virtue of a role, announced to the features above."""

from blinker import signal

appointed = signal(
    "appointed"
)  # sender: the member; kind: of the act; place: network or group; reason. Not yet committed
