"""Moving a topic to another section, and taking that back, with a reason told to its author.

Which sections are accepted is forum.reading.destinations' to say, along the table of access.moving.
"""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from comcep.access.moving import is_read_beyond_peers, may_stay_relayed, same_people
from comcep.access.permissions import may_moderate, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import db
from comcep.forum import counting
from comcep.forum.changing import changing
from comcep.forum.models import Section, Topic
from comcep.forum.reading import destinations, sections
from comcep.moderation import statements
from comcep.moderation.acting import NotPossible, record
from comcep.text.cleaning import clean_text

NOWHERE = _("Ce sujet n'a pas été déplacé, ou ne peut plus revenir là d'où il vient : rien n'a changé.")
WIDER = _(
    "Un sujet ne se déplace que vers des personnes pour qui il a été écrit : jamais vers un public plus large, ni vers "
    "un groupe dont son auteur n'est pas (ni vers aucun groupe s'il est publié sans nom), ni de l'animation vers un "
    "groupe ou l'inverse."
)


def move(viewer: Viewer, topic: Topic, section: Section, reason: str) -> None:
    """Move a topic to a section that was found through visibility. Raises Forbidden, NotPossible."""
    require(may_moderate(viewer))
    with changing(viewer, topic):
        _move(viewer, topic, section, clean_text(reason))


def move_back(viewer: Viewer, topic: Topic, reason: str) -> Section:
    """Move a topic to where it last came from, and say where that is. Raises Forbidden, NotPossible."""
    require(may_moderate(viewer))
    with changing(viewer, topic):
        return put_back(viewer, topic, clean_text(reason))


def put_back(viewer: Viewer, topic: Topic, reason: str) -> Section:
    """Move a topic back; the caller holds it. Raises NotPossible."""
    seen = sections.shown(viewer)
    origin = next((each for each in seen if each.id == topic.moved_from_id), None)
    if origin is None:
        raise NotPossible(NOWHERE)
    _move(viewer, topic, origin, reason)
    topic.moved_from_id = None
    return origin


def _move(viewer: Viewer, topic: Topic, section: Section, reason: str) -> None:
    origin = topic.section
    if section.id == origin.id:
        raise NotPossible(_("Ce sujet est déjà dans cette rubrique."))
    if not destinations.accepts(topic, section):
        raise NotPossible(WIDER)
    _remember(topic, origin, section)
    topic.shown_beyond_peers = topic.shown_beyond_peers or is_read_beyond_peers(origin)
    topic.section = section
    if not may_stay_relayed(section):
        topic.relayed_at = None
    statements.tell_of_topic(viewer, topic, "moved", reason)
    for section_id in sorted((origin.id, section.id)):
        counting.recount_section(section_id)
    record(viewer, "move", topic, reason, detail=f"{origin.id} > {section.id}", section_id=origin.id)


def _remember(topic: Topic, origin: Section, section: Section) -> None:
    """Where the topic was written, where it comes from, and since when fewer people read it."""
    topic.written_in_id, topic.moved_from_id, topic.moved_at = topic.written_in_id or origin.id, origin.id, now()
    written_in = db.session.scalars(select(Section).where(Section.id == topic.written_in_id)).one()
    topic.narrowed_at = None if same_people(written_in, section) else topic.narrowed_at or topic.moved_at
