"""After an act beside a topic: the page of the topic that it was sent from, with the reply that was being typed there;
where the act was refused, its own form as well, open and filled.

What each act does lives in forum/ and moderation/; how the page looks, in topics.py.
"""

from typing import Any

from flask import redirect, request

from comcep.forum.addresses import post_address, topic_address
from comcep.forum.forms import WritingForm
from comcep.forum.models import Post, Topic
from comcep.forum.reading import posts
from comcep.forum.views.topics import topic_of, topic_page
from comcep.text.cleaning import clean_text
from comcep.web.current import viewer
from comcep.web.forms import Form, Refused
from comcep.web.pagination import as_number


def done(topic: Topic, post: Post | None = None) -> Any:
    """Back to the topic, at a post where the act was about one."""
    if clean_text(request.form.get("body", "")):
        return topic_page(topic_of(topic), WritingForm())
    if post is not None:
        return redirect(post_address(topic, posts.page_of(viewer(), post), post.public_id))
    return redirect(topic_address(topic, as_number(request.form.get("page", ""))))


def refused(topic: Topic, form: Form, place: str = "", status: int = 422) -> Any:
    """The form comes back to be corrected, at its place on the page it was on."""
    return topic_page(topic_of(topic), WritingForm(), status, refused=Refused(form, place, ""))


def not_done(topic: Topic, form: Form, why: str) -> Any:
    """Too late, or never possible there: nothing to be corrected, nothing lost."""
    form.is_stopped = True
    return topic_page(topic_of(topic), WritingForm(), 409, refused=Refused(form, "", why))
