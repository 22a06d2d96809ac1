"""The revision of a database: which ones this code knows, and the way up to its own. Where the database lies is the
caller's."""

from alembic.script import ScriptDirectory
from click import ClickException
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import delete, update

from comcep.accounts.models import MemberSession
from comcep.commands.causes import cause
from comcep.commands.migrating import MigrationFailed
from comcep.extensions import db
from comcep.forum.models import Topic


def known_revisions() -> set[str]:
    """Every revision that this code can start from."""
    config = current_app.extensions["migrate"].migrate.get_config()
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def bring_to_code() -> None:
    """Migrate the restored database, have its index made anew, end its sessions. Raises ClickException."""
    try:
        upgrade()
    except MigrationFailed as failed:
        raise ClickException(f"La base n'a pas pu être amenée à la version du code ({failed.why}).") from failed
    except (Exception, SystemExit) as error:  # a migration runs any code, and Flask-Migrate answers some with an exit
        why = cause(error) if isinstance(error, Exception) else "voir au-dessus"
        raise ClickException(f"La base n'a pas pu être amenée à la version du code ({why}).") from error
    db.session.execute(delete(MemberSession))  # a backup holds some that were ended after it was made
    db.session.execute(update(Topic).values(indexed_at=None, embedded_at=None))
    db.session.commit()
    db.session.remove()
