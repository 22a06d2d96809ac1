"""ComCEP: forum and knowledge base of French career advisers. This module puts the application together."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported below, where they are used: a process of this package that is no site has no use for them
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


def create_app(overrides: dict[str, Any] | None = None) -> "Flask":
    """One application: settings, extensions, features, commands. Raises SettingsError for settings that contradict."""
    from flask import Flask
    from jinja2 import StrictUndefined, Undefined

    from comcep import logs, settings

    logs.keep_values_out()
    app = Flask(
        "comcep", root_path=str(ROOT), template_folder="templates", static_folder="static", instance_path=str(ROOT)
    )
    app.config.update(settings.load(overrides))
    # In tests a name that a page forgot to pass is an error; to a reader it is nothing, and the page is there.
    undefined = StrictUndefined if app.testing else Undefined
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": undefined}

    _bind_extensions(app)
    _add_features(app)
    _set_mode(app)
    return app


def embed_where_it_says(app: "Flask") -> None:
    """Have this process make sentence embeddings where the application's settings say. For the process that serves it,
    once: two applications in one, as tests have, would share the place."""
    from comcep.text import embedding

    if app.config["EMBEDDINGS"] == "on":
        embedding.made_by_process(app.config["DATA"])
    elif app.config["EMBEDDINGS"] == "here":
        embedding.made_here()


def ready_to_fork(app: "Flask") -> None:
    """Let go of every connection, which two processes must not share, and keep what has been made out of reach of the
    collector, whose marks would part the memory that they can share."""
    import gc

    from comcep.extensions import db

    with app.app_context():
        db.engine.dispose()
    app.extensions["background"].storage.close()
    gc.freeze()


def _bind_extensions(app: "Flask") -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    from comcep import extensions

    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(ROOT / "migrations"))
    extensions.login.init_app(app)
    extensions.csrf.init_app(app)
    extensions.babel.init_app(app)
    extensions.limiter.init_app(app)
    extensions.compress.init_app(app)
    extensions.background.init_app(app)
    if app.config["PROXIES"]:
        proxies = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]


def _add_features(app: "Flask") -> None:
    from comcep import commands
    from comcep.accounts.views import accounts
    from comcep.analytics import rendering as _of_digests  # noqa: F401  (sweeps register themselves)
    from comcep.analytics.views import analytics
    from comcep.forum import rendering as _of_posts  # noqa: F401
    from comcep.forum.views import forum
    from comcep.membership.views import membership
    from comcep.moderation import recording  # noqa: F401  (it hears what rooms below announce)
    from comcep.moderation.views import moderation
    from comcep.notify import account_mails, joining, sending  # noqa: F401
    from comcep.notify.views import notify
    from comcep.pages import blueprints, layout
    from comcep.search.views import search
    from comcep.web import converters, csrf, errors, filters, forms, headers, incoming, limits, sent

    app.url_map.converters.update(public_id=converters.PublicId)
    for part in (limits, incoming, csrf, errors, filters, forms, headers, sent, layout):
        part.init_app(app)
    for blueprint in (accounts, membership, forum, moderation, notify, search, analytics, *blueprints):
        app.register_blueprint(blueprint)
    app.extensions["search_engine"] = _search_engine(app)
    commands.init_app(app)


def _search_engine(app: "Flask") -> Any:
    from comcep.extensions import db
    from comcep.search.engines.postgresql import PostgresqlEngine
    from comcep.search.engines.whoosh import WhooshEngine

    return PostgresqlEngine(db) if app.config["SEARCH"] == "postgresql" else WhooshEngine(app.config["DATA"] / "index")


def _set_mode(app: "Flask") -> None:
    """Demo or real, as the database says: it decides on cookies, addresses and mails."""
    from comcep.accounts import site
    from comcep.settings import SettingsError

    with app.app_context():
        app.config["DEMO"] = site.fact(site.DEMO) is not None
        _require_own_secrets(app, site.fact(site.SECRETS))
        is_empty = site.is_empty()
    is_private = app.config["DEMO"] or app.testing
    app.config["SESSION_COOKIE_SECURE"] = not is_private
    if app.config["DEMO"]:
        app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]"]
        if app.config["HOST"] not in ("localhost", "127.0.0.1", "::1"):
            raise SettingsError("COMCEP_HOST: a demo listens on this machine only (127.0.0.1)")
    if app.config["RATE_LIMITS"] == "off":
        if not is_private and not is_empty:
            raise SettingsError("COMCEP_RATE_LIMITS=off: only in a demo or a test")
        app.logger.warning("limits of rate, flood and duplicates are OFF (COMCEP_RATE_LIMITS=off)")


def _require_own_secrets(app: "Flask", known: str | None) -> None:
    """Other secrets beside the same database: no session of one machine would hold on the other, the journal's chain
    would not verify, and digests would draw other noise for the same advisers."""
    from comcep import secrets_file
    from comcep.settings import SettingsError

    if known in (None, app.config["SECRETS"]):
        return
    if app.config["SECRETS_ARE_NEW"]:
        secrets_file.forget_new(app.config["DATA"])
    raise SettingsError(
        "Cette base a été ouverte avec d'autres secrets que ceux du dossier de données. Copiez-y le fichier "
        "secrets.json du site, d'une autre machine ou d'une sauvegarde : sans lui, les sessions, le journal et les "
        "synthèses ne tiennent plus. Pour restaurer une sauvegarde, donnez une base vide."
    )
