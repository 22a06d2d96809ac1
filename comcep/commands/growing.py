"""A larger demo: more advisers of the same networks, months of questions on every theme, and three digests of
consecutive periods made by the same functions as an animator's pages. Everything is invented; people write unequally,
as people do.
"""

import itertools
from datetime import date, timedelta

from sqlalchemy import select

from comcep.access.viewer import Viewer
from comcep.analytics import drafting, national_themes, releasing
from comcep.clock import now
from comcep.commands import reference
from comcep.commands.community import SECTION_OF_THEME, Community, Said, Thread
from comcep.extensions import db
from comcep.forum.models import Section

MONTHS = 7
TOPICS_A_WEEK = 34
DAYS = 60  # of each digest
LIKED = {"ingenierie-financiere": 3.0, "compte-et-dossier-cpf": 2.6, "eligibilite-cpf": 2.2, "conges-formation": 2.0,
         "posture-et-entretien": 2.0, "relais-entre-operateurs": 1.5}  # fmt: skip
WORDS = (
    (
        "Les restes à charge reviennent, l'ordre des demandes aussi",
        "Peu de questions sur les montants : on demande surtout **qui répond le premier**, et qui attend qui. "
        "Les réponses diffèrent d'un réseau à l'autre pour un même statut.",
    ),
    (
        "Les listes changent plus vite que les projets",
        "L'éligibilité mobilise : des parcours prêts tombent à l'entrée parce qu'une liste a bougé. "
        "Les conseillers partagent leurs façons de vérifier, et d'en parler aux personnes.",
    ),
    (
        "Les financements se croisent, les conseillers cherchent qui décide",
        "Les deux sujets se rejoignent cette fois. **Proposition de thématique nationale** : un ordre de "
        "sollicitation commun, selon le statut de la personne.",
    ),
)
OF_THEMES = {
    "ingenierie-financiere": "Les refus sont rares, les attentes longues : c'est l'enchaînement qui manque.",
    "eligibilite-cpf": "Le même intitulé, admis ici, refusé là : demander d'où vient la liste fait gagner du temps.",
    "posture-et-entretien": "Des échanges sans bonne réponse, et qui n'en cherchent pas : les garder ouverts.",
}


def grow(community: Community, advisers: int) -> None:
    """Add advisers in proportion of the networks of January, and plan months of topics on every theme."""
    _add_advisers(community, advisers)
    activity = [community.chance.lognormvariate(0, 1.1) for _ in community.advisers]
    sections = {section.slug: section for section in db.session.scalars(select(Section))}
    written = [(row["theme"], row["title"], row["body"]) for row in reference.table("labelled_topics.tsv")]
    weeks = MONTHS * 30 // 7
    # Every text is used at most a few times, each time by somebody else, weeks apart.
    pool = itertools.cycle(community.chance.sample(written, len(written)))
    for number in range(weeks * TOPICS_A_WEEK):
        theme, title, body = _pick(community, pool)
        asked = community.newest - timedelta(days=MONTHS * 30 * community.chance.random(), hours=5)
        author = community.chance.choices(community.advisers, activity)[0]
        section = sections[SECTION_OF_THEME.get(theme, "aider-a-monter-un-dossier")]
        thread = Thread(section, "question", title, theme, [Said(author, f"{body}\n\n{_ending(number)}", asked)])
        for _ in range(int(community.chance.expovariate(1 / 3.2))):
            answerer = community.chance.choices(community.advisers, activity)[0]
            at = min(asked + timedelta(hours=community.chance.expovariate(1 / 16)), community.newest)
            words = f"{community.chance.choice(community.fragments['openings'])} {_ending(number + 1)}"
            thread.posts.append(Said(answerer, words, at))
        thread.is_solved = len(thread.posts) > 2 and community.chance.random() < 0.6
        community.threads.append(thread)


def _add_advisers(community: Community, advisers: int) -> None:
    rows = [row for row in reference.table("networks.tsv") if int(row["january_advisers"])]
    weights = [int(row["january_advisers"]) for row in rows]
    region_of = community.regions_in_turn()
    for _ in range(advisers):
        row = community.chance.choices(rows, weights)[0]
        community.advisers.append(community.person(community.networks[row["slug"]], region_of(), "adviser"))
    db.session.flush()


def _pick(community: Community, pool: "itertools.cycle[tuple[str, str, str]]") -> tuple[str, str, str]:
    """The next text of a theme that is talked of as often as it should."""
    while True:
        theme, title, body = next(pool)
        if community.chance.random() * max(LIKED.values()) < LIKED.get(theme, 1.0):
            return theme, title, body


def _ending(number: int) -> str:
    endings = (
        "Qui a déjà vu ce cas ?",
        "Comment faites-vous ?",
        "Une piste ?",
        "Merci d'avance.",
        "Je tourne en rond.",
    )
    return endings[number % len(endings)]


def publish_three(viewer: Viewer) -> None:
    """Three digests that follow each other, to last week."""
    last = now().date() - timedelta(days=7)
    for number, (title, words) in enumerate(WORDS):
        ends_on = last - timedelta(days=DAYS * (len(WORDS) - 1 - number))
        _publish(viewer, ends_on - timedelta(days=DAYS - 1), ends_on, title, words)


def _publish(viewer: Viewer, starts_on: date, ends_on: date, title: str, words: str) -> None:
    digest = releasing.draft(viewer, starts_on, ends_on)
    drafting.compute_drafts()
    db.session.refresh(digest)
    shown = releasing.shown_themes(digest)  # by the secret of this site: not every demo shows the same
    of_themes = {slug: words_of for slug, words_of in OF_THEMES.items() if slug in shown}
    releasing.write(viewer, digest, title, words, digest.version, of_themes)
    db.session.refresh(digest)
    findings = releasing.publish(viewer, digest, frozenset())
    if findings:
        raise RuntimeError(f"the demo's digest cannot be published: {findings}")


def nominate(committee: Viewer, animator: Viewer) -> None:
    """A national theme under way, and another just nominated, with a word between committee members."""
    first = national_themes.nominate(
        committee,
        "Un ordre de sollicitation commun",
        "Trois synthèses de suite : qui demande à qui, et dans quel ordre.",
    )
    outcome = "Un groupe de quatre réseaux écrit une fiche commune."
    national_themes.decide(animator, first, "under way", outcome, first.version)
    second = national_themes.nominate(
        committee, "Suivre les changements de listes", "Les listes bougent pendant que les parcours se construisent."
    )
    national_themes.comment(committee, second, "À rapprocher de ce que demandent les Carif-Oref.")
