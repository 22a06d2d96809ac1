"""The pages of digests, one module a resource."""

from flask import Blueprint

analytics = Blueprint("analytics", __name__)

from comcep.analytics.views import digests, drafts, national_themes, themes  # noqa: E402, F401
