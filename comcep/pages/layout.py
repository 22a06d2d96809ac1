"""What the layout of every page shows: who looks, what waits for them, where they may go."""

from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_login import current_user

from comcep.access import permissions
from comcep.access.viewer import Viewer
from comcep.forum.addresses import topic_address
from comcep.membership.reading import count_waiting
from comcep.moderation.acts import ACTS, SUBJECTS
from comcep.notify.reading import count_unread
from comcep.web.current import viewer


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(topic_address=topic_address, acts=ACTS, acted_on=SUBJECTS)

    @app.context_processor
    def layout() -> dict[str, Any]:
        looking, is_away = viewer(), "without_database" in g
        return {
            "viewer": looking,
            "own_name": current_user.name if looking.is_signed_in else "",
            "own_id": current_user.public_id if looking.is_signed_in else None,
            "unread_notifications": 0 if is_away else count_unread(looking),
            "is_away": is_away,
            "is_demo": current_app.config["DEMO"],
            "places": [("/", _("Accueil")), ("/aide", _("Aide"))] if is_away else _places(looking),
            "waiting_at": {} if is_away else _waiting_at(looking),
            "here": request.path,
        }


def _places(viewer: Viewer) -> list[tuple[str, str]]:
    """The main navigation: address and name, only where the viewer may go."""
    places = [("/", _("Accueil")), ("/rubriques", _("Rubriques"))]
    if viewer.is_member:
        places += [("/recherche", _("Rechercher"))]
    if permissions.may_browse_members(viewer):
        places += [("/membres", _("Membres"))]
    if permissions.may_moderate(viewer):
        places += [("/animation", _("Animation"))]
    if permissions.may_read_digests(viewer):
        places += [("/comite", _("Synthèses"))]
    if permissions.may_comment_national_themes(viewer):
        places += [("/thematiques", _("Thématiques nationales"))]
    if permissions.may_decide_requests(viewer):
        places += [("/demandes", _("Demandes"))]
    if permissions.may_administrate(viewer):
        places += [("/administration", _("Administration"))]
    if not viewer.is_signed_in:
        places += [("/rejoindre", _("Rejoindre")), ("/aide", _("Aide"))]
    return places


def _waiting_at(viewer: Viewer) -> dict[str, int]:
    """How much waits for the viewer's word, by address in the navigation."""
    waiting = count_waiting(viewer)
    return {"/demandes": waiting} if waiting else {}
