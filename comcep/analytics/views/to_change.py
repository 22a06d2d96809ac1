"""The page that comes back when words cannot go to the committee as they are: what was found, the words to change."""

from collections.abc import Mapping, Sequence

from flask import render_template, request

from comcep.analytics.guard import Finding


def confirmed() -> frozenset[str]:
    """What the animator read and keeps, of what the guard asked about."""
    return frozenset(request.form.getlist("confirmed"))


def to_change(findings: Sequence[Finding], words: Mapping[str, str]) -> tuple[str, int]:
    """What was found, and the form sent, to be changed and sent again. words: the labels of the fields that hold
    words; the other fields go along as they were sent."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    page = render_template(
        "analytics/to_change.html",
        findings=findings,
        words=[(name, label, request.form.get(name, "")) for name, label in words.items()],
        rest=[(name, value) for name, value in sent if name not in words],
    )
    return page, 422
