"""Limits of rate: how often one member may publish. Sign-in and sign-up have their own, in a table (accounts)."""

from flask_limiter.util import get_remote_address

from comcep.web.current import viewer

POSTING = "30 per 10 minutes; 200 per day"


def by_member() -> str:
    """Counts by member, by address when nobody is signed in."""
    member_id = viewer().member_id
    return f"member-{member_id}" if member_id is not None else get_remote_address()
