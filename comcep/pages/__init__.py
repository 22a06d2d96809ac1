"""Pages that draw on several features: home, members, help, administration, health."""

from comcep.pages import announcing  # noqa: F401  (its sweep registers itself)
from comcep.pages.administration import administration
from comcep.pages.demo_mailbox import demo_mailbox
from comcep.pages.documents import documents
from comcep.pages.health import health
from comcep.pages.home import home
from comcep.pages.members import members
from comcep.pages.resuming import resuming

blueprints = (home, members, documents, administration, health, demo_mailbox, resuming)
