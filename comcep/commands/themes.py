"""`flask themes`: suggest themes for topics in a file; train the model of this site again."""

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from comcep.access.system_read import system_read
from comcep.access.visibility import PEERS
from comcep.analytics.themes import suggesting
from comcep.analytics.themes.features import SEED
from comcep.analytics.themes.predicting import Model, Unusable
from comcep.commands import reference
from comcep.commands.database import ensure_schema
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme
from comcep.text import embedding
from comcep.text.excerpts import plain_text

AUTHORS_WEIGHT = 0.5  # what an author ticked, beside what an animator corrected


@click.group()
def themes() -> None:
    """Les thèmes : suggérer, réapprendre."""


@themes.command("suggest")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def suggest(file: Path) -> None:
    """Pour chaque ligne « titre<tabulation>texte » : les trois thèmes les plus probables, une ligne de JSON."""
    model = suggesting.model()
    if model is None:
        raise click.ClickException("Aucun modèle utilisable : flask themes train.")
    embedding.made_here()
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        title, _, body = line.partition("\t")
        found = [
            {"slug": each.slug, "probability": round(each.probability, 4)}
            for each in model.suggestions(title, body, bool(current_app.config["EMBEDDINGS"]))
        ]
        click.echo(json.dumps({"title": title, "themes": found}, ensure_ascii=False))


@themes.command("train")
@click.option("--ship", is_flag=True, help="Le modèle livré avec le programme, sans rien de ce site.")
@with_appcontext
def train(ship: bool) -> None:
    """Réapprend à partir des cas et des thèmes posés ici ; garde l'ancien modèle s'il est meilleur."""
    from comcep.analytics.themes import training  # scikit-learn: for this command alone

    embedding.made_here()  # nobody waits for this process, and there are thousands of texts
    examples = training.shipped_examples()
    if not ship:
        ensure_schema()
        examples += _of_site(training.Example)
    before = _known(SEED / "themes-model.json" if ship else suggesting.trained_path())
    try:
        content = training.train(examples, before.version + 1 if before else 1)
    except training.NoEmbeddings as error:
        raise click.ClickException(
            "Cette machine ne peut pas calculer le sens des phrases : le modèle en place reste."
        ) from error
    measured = content["measured"]
    click.echo(json.dumps(measured))
    if before is not None and measured["first"] < before.measured["first"]:
        raise click.ClickException("Moins bon que le modèle en place sur les sujets de référence : rien n'est changé.")
    path = SEED / "themes-model.json" if ship else suggesting.trained_path()
    aside = path.with_suffix(".aside")
    aside.write_text(training.as_text(content), encoding="utf-8")
    Model.read(aside)
    aside.replace(path)
    click.echo(f"Modèle n° {content['version']} en place.")


def _known(path: Path) -> Model | None:
    try:
        return Model.read(path)
    except (Unusable, OSError):
        return None


def _of_site(example: Any) -> list[Any]:
    """Topics of peers whose themes a person set: what their first post says, once for each theme."""
    known = {row["slug"] for row in reference.table("themes.tsv")}
    own = aliased(Theme)
    rows = system_read("topics a model of themes learns from").rows(
        select(Topic.title, Post.html, Theme.slug, TopicTheme.set_by)
        .join(Section, Section.id == Topic.section_id)
        .join(Post, Post.id == Topic.first_post_id)
        .join(TopicTheme, TopicTheme.topic_id == Topic.id)
        .join(own, own.id == TopicTheme.theme_id)
        .join(Theme, Theme.id == func.coalesce(own.merged_into_id, own.id))
        .where(Section.audience == PEERS, Topic.hidden_at.is_(None), TopicTheme.set_by != "model")
    )
    return [
        example(
            row.title, plain_text(row.html), row.slug, 1.0 if row.set_by == "animator" else AUTHORS_WEIGHT,
            is_of_site=True,
        )
        for row in rows
        if row.slug in known
    ]  # fmt: skip
