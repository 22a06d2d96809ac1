"""Pages that hold words only: help, charter, privacy, accessibility, legal notice."""

from flask import Blueprint, render_template

documents = Blueprint("documents", __name__)


@documents.get("/aide")
def guide() -> str:
    return render_template("pages/guide.html")


@documents.get("/charte")
def charter() -> str:
    return render_template("pages/charter.html")


@documents.get("/vie-privee")
def privacy() -> str:
    return render_template("pages/privacy.html")


@documents.get("/accessibilite")
def accessibility() -> str:
    return render_template("pages/accessibility.html")


@documents.get("/mentions-legales")
def legal() -> str:
    return render_template("pages/legal.html")
