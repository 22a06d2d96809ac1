"""The devices that an account knows: a browser somebody signed in from keeps a cookie of its own, also signed out.

Being known opens nothing. It parts the owner who tries a password from others who do (signing_in.py).
"""

import secrets
from datetime import timedelta
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import delete, select, update

from comcep.access.viewer import Viewer
from comcep.accounts.models import KnownDevice, MemberSession
from comcep.accounts.pacing import hidden
from comcep.clock import now
from comcep.extensions import db

COOKIE = "comcep-appareil"
KEPT = timedelta(days=400)  # since the last sign-in; the longest that browsers keep a cookie

# Families alone, by the mark of each in a User-Agent; the first found, so those built on another come before it.
_BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Vivaldi/": "Vivaldi", "FxiOS/": "Firefox",
    "Firefox/": "Firefox", "CriOS/": "Chrome", "Chromium/": "Chromium", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS", "Windows": "Windows",
    "Mac OS X": "macOS", "Linux": "Linux",
}  # fmt: skip


def families(user_agent: str) -> tuple[str, str]:
    """The browser and the system that a User-Agent names, coarsely; empty what is not known."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    return browser, next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")


def cookie_sent() -> str:
    """The device's cookie in this request; empty when there is none of the right form."""
    token = request.cookies.get(COOKIE, "")
    return token if len(token) == 43 and token.isascii() else ""


def knows(public_id: int | None, token: str) -> bool:
    """Whether the account knows the device. Without an account the same is asked, and the answer is no."""
    own = _own(public_id or 0, token)
    found = db.session.scalar(select(KnownDevice.id).where(KnownDevice.token_hash == own))
    return bool(token) and public_id is not None and found is not None


def remember(member: Any, token: str, user_agent: str) -> tuple[int, str]:
    """Make the device known to the account, whose row the caller holds: its key, and the cookie to give it.

    The caller commits.
    """
    token = token or secrets.token_urlsafe(32)
    browser, system = families(user_agent)
    said = {"browser": browser, "system": system, "used_at": now()}
    own = _own(member.public_id, token)
    known = db.session.scalar(select(KnownDevice.id).where(KnownDevice.token_hash == own))
    if known is not None:
        db.session.execute(update(KnownDevice).where(KnownDevice.id == known).values(**said))
        return known, token
    device = KnownDevice(member_id=member.id, token_hash=own, **said)
    db.session.add(device)
    db.session.flush()
    return device.id, token


def give_cookie(response: Any, token: str) -> Response:
    """The response, with the cookie by which the device is known again."""
    response.set_cookie(
        COOKIE, token, max_age=KEPT, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response  # type: ignore[no-any-return]


def forget_own(viewer: Viewer, public_id: int) -> bool:
    """Not the viewer's device any more: its sessions end and the account knows it no longer. Whether it was known; the
    caller commits."""
    own = (KnownDevice.public_id == public_id, KnownDevice.member_id == viewer.member_id)
    device_id = db.session.scalar(select(KnownDevice.id).where(*own))
    if device_id is not None:
        _forget(KnownDevice.id == device_id)
    return device_id is not None


def forget_all(member_id: int) -> None:
    """Every session of the member ends, and no device is known any more; the caller commits."""
    _forget(KnownDevice.member_id == member_id)


def _forget(which: Any) -> None:
    on_them = MemberSession.device_id.in_(select(KnownDevice.id).where(which))
    for gone in (delete(MemberSession).where(on_them), delete(KnownDevice).where(which)):
        db.session.execute(gone.execution_options(synchronize_session=False))


def _own(public_id: int, token: str) -> str:
    """The device as a row of one account: two accounts of one device cannot be brought together by their rows."""
    return hidden(f"device {public_id} {token}")
