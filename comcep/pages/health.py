"""Whether the parts run, for the machines that watch."""

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Blueprint, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from comcep import background as background_work
from comcep.extensions import db
from comcep.search.indexing import engine

health = Blueprint("health", __name__)


@health.get("/sante")
def show() -> Any:
    database = _database()
    state = {
        "status": "ok" if database == "ok" else "down",
        "database": database,
        "search": _search(),
        "tasks": "ok" if background_work.is_running(current_app.config["DATA"]) else "down",
        "version": _version(),
    }
    return jsonify(state), 200 if database == "ok" else 503


def _database() -> str:
    try:
        db.session.execute(text("select 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return "down"
    return "ok"


def _search() -> str:
    if engine().is_ready():
        return "ok"
    return "rebuilding" if os.access(current_app.config["DATA"], os.W_OK) else "down"


def _version() -> str:
    try:
        return version("comcep")
    except PackageNotFoundError:  # run from the checkout, not installed
        return "0.1.0"
