"""The page of results, as members use it: what is found and in which order, refining, bad input."""

import re
import time

import pytest

from comcep.extensions import db
from comcep.forum.models import Topic
from comcep.search import engines
from comcep.search.indexing import engine
from tests.community import Person, Site


def page(person: Person, query: str, **parameters: object) -> str:
    answer = person.get("/recherche", query_string={"q": query, **parameters})
    assert answer.status_code == 200
    return answer.text


def found(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="topic result"[^>]*data-id="(\d+)"', text)]


def facets(text: str) -> dict[tuple[str, str], int]:
    shown = re.findall(r'data-facet="(\w+)" data-value="([^"]+)" data-count="(\d+)"', text)
    return {(facet, value): int(count) for facet, value, count in shown}


def solved(asker: Person, peer: Person, title: str, body: str = "Que faire ?", **fields: str) -> int:
    topic = asker.asks(title, body, **fields)
    asker.solves(topic, peer.answers(topic, "Voici la solution trouvée."))
    return topic


def test_a_solved_case_comes_before_an_open_one_of_the_same_words(site: Site, maud: Person, ines: Person) -> None:
    first = maud.asks("Compte épargne temps et congé")
    second = solved(maud, ines, "Congé et compte épargne temps")
    third = maud.asks("Compte épargne temps refusé par son employeur")
    site.works()

    assert ines.searches("congé compte épargne temps")[0] == second
    assert set(ines.searches("CET")) == {first, second, third}


def test_a_title_counts_more_than_a_word_in_passing(site: Site, maud: Person) -> None:
    passing = maud.asks("Une question de parcours", "Après un bilan de compétences, la personne hésite.")
    titled = maud.asks("Bilan de compétences pendant un CDD", "Est-ce possible ?")
    site.works()

    assert maud.searches("bilan de compétences") == [titled, passing]


def test_a_phrase_in_quotes_stands_in_its_order(site: Site, maud: Person) -> None:
    here = maud.asks("Reste à charge trop grand")
    maud.asks("La charge qui reste", "La charge est lourde et elle reste.")
    site.works()

    assert found(page(maud, '"reste à charge"')) == [here]


def test_a_word_or_a_phrase_can_be_left_out(site: Site, maud: Person) -> None:
    here = maud.asks("Formation en CDI")
    maud.asks("Formation en intérim")
    there = maud.asks("Formation hors plan", "Le plan de formation ne suffit pas.")
    site.works()

    assert set(found(page(maud, "formation -intérim"))) == {here, there}
    assert found(page(maud, 'formation -intérim -"plan de formation"')) == [here]


def test_operators_narrow_by_section_network_state_and_author(site: Site, maud: Person, ines: Person) -> None:
    one = maud.asks("Sujet de Maud sur la VAE")
    other = solved(ines, maud, "Sujet d'Inès sur la VAE", section="hors-pairs")
    site.works()

    assert found(page(maud, "vae rubrique:pairs")) == [one]
    assert found(page(maud, "vae réseau:pole")) == [other]
    assert found(page(maud, "vae état:résolu")) == [other]
    assert found(page(maud, "vae auteur:ines")) == [other]
    assert set(found(page(maud, "vae auteur:maud"))) == {one, other}
    assert set(found(page(maud, "auteur:maud"))) == {one, other}
    assert "rien de ce nom ici" in page(maud, "vae rubrique:inconnue")
    assert found(page(maud, "vae auteur:personne")) == []


def test_a_topic_without_a_name_narrows_to_nobody(site: Site, maud: Person, ines: Person) -> None:
    hidden = ines.asks("VAE sans mon nom", anonymous="1")
    site.works()

    text = page(maud, "vae")
    assert found(text) == [hidden]
    assert not any(facet in ("network", "region") for facet, _ in facets(text))
    for query in ("vae réseau:pole", "vae auteur:ines", "vae région:bourgogne"):
        assert found(page(maud, query)) == []
    assert found(page(maud, "vae", reseau="pole-emploi")) == []


def test_facets_count_the_results_and_refine_them(site: Site, maud: Person, ines: Person) -> None:
    one = maud.asks("VAE en cours", themes="vae-et-bilan")
    other = solved(ines, maud, "VAE terminée", section="hors-pairs")
    maud.asks("Autre chose")
    site.works()

    counts = facets(page(maud, "vae"))
    assert counts["section", "pairs"] == counts["section", "hors-pairs"] == 1
    assert counts["state", "solved"] == counts["theme", "vae-et-bilan"] == counts["network", "pole-emploi"] == 1
    assert found(page(maud, "vae", rubrique="pairs")) == [one]
    assert found(page(maud, "vae", etat="solved")) == [other]
    assert set(found(page(maud, "vae", rubrique=["pairs", "hors-pairs"]))) == {one, other}
    assert found(page(maud, "vae", rubrique="pairs", etat="solved")) == []
    assert found(page(maud, "", theme="vae-et-bilan")) == [one]


def test_hors_pairs_count_and_refine_among_what_they_see(site: Site, maud: Person) -> None:
    maud.asks("VAE entre pairs")
    open_to_all = maud.asks("VAE ouverte", section="hors-pairs")
    agnes = site.hors_pair()
    site.works()

    text = page(agnes, "vae")
    assert found(text) == [open_to_all]
    assert facets(text)["section", "hors-pairs"] == 1
    assert "pairs" not in [value for facet, value in facets(text) if facet == "section"]
    assert "rien de ce nom ici" in page(agnes, "vae rubrique:animateurs")


def test_a_rare_word_elsewhere_changes_neither_order_nor_counts(site: Site, maud: Person) -> None:
    maud.asks("Premier zqrarezq et formation")
    maud.asks("Second sujet de formation, formation")
    site.works()
    page(maud, "formation zqrarezq")  # shows what was flashed
    before = _without_log(page(maud, "formation zqrarezq"))
    lise = site.animator()
    for number in range(4):
        lise.asks(f"Zqrarezq formation {number}", "zqrarezq zqrarezq", section="animateurs")
    site.works()

    assert _without_log(page(maud, "formation zqrarezq")) == before


def _without_log(text: str) -> str:
    return re.sub(r'value="[^"]{40,}"|data-(?:search|token)="[^"]*"|<time.*?</time>', "", text)


def test_the_beginning_of_a_word_is_enough_while_typing(site: Site, maud: Person) -> None:
    maud.asks("Licenciement économique et formation")
    site.works()

    assert "Licenciement économique" in maud.post("/recherche/propositions", q="licenc").text
    assert "Licenciement économique" in maud.post("/recherche/propositions", q="formation éco").text
    assert "<option" not in maud.post("/recherche/propositions", q="").text


def test_an_authors_copies_are_folded(site: Site, maud: Person, ines: Person) -> None:
    maud.asks("Permis de conduire et CPF", "Une première fois")
    maud.asks("Permis de conduire et CPF", "Une seconde fois, autrement")
    other = ines.asks("Permis de conduire et CPF", "Par quelqu'un d'autre")
    site.works()

    results = maud.searches("permis de conduire")
    assert len(results) == 2
    assert other in results


def test_copies_without_a_name_are_not_folded_into_one_another(site: Site, maud: Person) -> None:
    topics = {maud.asks("Permis et CPF", f"Texte {number}", anonymous="1") for number in range(2)}
    site.works()

    assert set(maud.searches("permis")) == topics


def test_close_solved_cases_show_while_asking_and_beside_a_topic(site: Site, maud: Person, ines: Person) -> None:
    case = solved(maud, ines, "Licencié pendant un congé de formation")
    maud.asks("Licenciement et congé, encore ouvert")
    site.works()

    asking = maud.post("/recherche/proches", title="licenciement pendant le congé formation").text
    assert re.findall(r'data-id="(\d+)"', asking) == [str(case)]
    assert "Licencié pendant un congé" in maud.post("/poser/debut", title="licenciement pendant un congé").text
    beside = maud.get(f"/recherche/proches?sujet={case}").text
    assert str(case) not in beside, "a topic is not close to itself"
    agnes = site.hors_pair()
    assert "Licencié" not in agnes.post("/recherche/proches", title="licenciement congé formation").text
    assert agnes.get(f"/recherche/proches?sujet={case}").status_code == 404


def test_nothing_found_offers_to_ask_with_the_question_written(site: Site, maud: Person) -> None:
    site.works()
    text = page(maud, "télescope martien")

    assert "Rien ne correspond" in text
    assert '<input type="hidden" name="title" value="télescope martien">' in text


@pytest.mark.parametrize(
    "query",
    ['"', '""', '"a b', "-", "(", "))", "AND", "NOT", "*", "?", "[a-z]+", "(a+)+$", "\\", "a" * 10_000, "le la de", "🙂",
     "שלום עליכם", "\x00", "x\x00y", "rubrique:", "rubrique:*", "réseau:\"", "auteur:%", "--vae", '-"', "%s %d {0}", "'; drop table",
     " ".join(["formation"] * 60), "\u202eeav", "title:vae", "key:peers", "/"],
)  # fmt: skip
def test_any_query_gets_results_or_a_sentence(site: Site, maud: Person, query: str) -> None:
    maud.asks("Question sur la VAE et la formation")
    site.works()

    start = time.monotonic()
    text = page(maud, query)
    assert time.monotonic() - start < 5
    assert "Rechercher" in text


def test_values_of_a_facet_stand_the_most_frequent_first_then_by_name(lite: Site) -> None:
    maud, ines, paul = (
        lite.adviser("Maud", "pole-emploi"),
        lite.adviser("Ines", "apec"),
        lite.adviser("Paul", "cap-emploi"),
    )
    for person, times in ((maud, 1), (ines, 2), (paul, 1)):
        for number in range(times):
            person.asks(f"VAE de {person.name} {number}", themes="jeunes" if person is paul else "vae-et-bilan")
    lite.works()

    def shown(text: str, facet: str) -> list[tuple[str, int]]:
        return [(value, count) for (name, value), count in facets(text).items() if name == facet]

    text = page(maud, "vae")
    assert shown(text, "network") == [("apec", 2), ("cap-emploi", 1), ("pole-emploi", 1)]
    assert shown(text, "theme") == [("vae-et-bilan", 3), ("jeunes", 1)]
    chosen = page(maud, "vae", reseau=["pole-emploi", "cap-emploi"], theme="vae-et-bilan")
    # what is chosen stays, to be taken away; what nothing bears and nobody chose is not offered
    assert shown(chosen, "network") == [("pole-emploi", 1), ("cap-emploi", 0)]


def test_a_facet_or_a_value_that_does_not_exist_is_said(site: Site, maud: Person) -> None:
    maud.asks("Question sur la VAE")
    site.works()

    assert len(found(page(maud, "vae", nimporte="quoi"))) == 1
    for parameter in ("rubrique", "theme", "etat", "reseau", "region", "annee"):
        text = page(maud, "vae", **{parameter: "n'existe pas"})
        assert "rien de ce nom ici" in text.replace("&#39;", "'")
    assert found(page(maud, "vae", page="999999999999")) != []


def test_a_search_that_takes_too_long_says_so(site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    site.works()

    def slow(*_args: object, **_more: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("comcep.search.searching.matches", slow)
    assert "demande trop de temps" in page(maud, "vae")


def test_the_clock_of_a_search_stops_it_and_leaves_the_index_in_place(
    lite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    maud = lite.adviser("Maud")
    topic = maud.asks("Question sur la VAE")
    lite.works()

    monkeypatch.setattr("comcep.search.engines.whoosh.LONGEST", -1.0)
    assert "demande trop de temps" in page(maud, "vae")
    monkeypatch.undo()
    assert found(page(maud, "vae")) == [topic]


def test_a_rebuild_that_a_full_disk_stops_is_gone_on_with_later(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = maud.asks("Question sur la VAE")
    site.works()
    with site.app.app_context():
        engine().begin_rebuild()
        kind = type(engine())

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kind, "add_rebuilt", full)
        site.works()
        assert maud.searches("vae") == [topic], "the index in place still serves"
        late = maud.asks("Autre question sur la VAE")
        site.works()
        assert set(maud.searches("vae")) == {topic, late}, "what is new is still indexed"
    site.works()
    with site.app.app_context():
        assert engine().rebuilt_up_to() is None
    assert set(maud.searches("vae")) == {topic, late}


def test_an_index_of_another_version_is_rebuilt_at_the_next_sweep(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = maud.asks("Question sur la VAE")
    site.works()
    for name in ("", ".whoosh", ".postgresql"):
        monkeypatch.setattr(f"{engines.__name__}{name}.VERSION", "autre")

    assert "se reconstruit" in page(maud, "vae")
    site.works()
    assert maud.searches("vae") == [topic]


def test_what_the_command_rebuilds_is_what_the_sweep_had(site: Site, maud: Person) -> None:
    topics = [maud.asks(f"Question {number} sur la VAE") for number in range(3)]
    site.works()

    answer = site.app.test_cli_runner().invoke(args=["index", "rebuild"])
    assert answer.exit_code == 0, answer.output
    assert set(maud.searches("vae")) == set(topics)


def test_hidden_topics_leave_counts_and_spelling_at_the_next_sweep(site: Site, maud: Person) -> None:
    topic = maud.asks("Le mot zorglubonne")
    site.works()
    with site.app.app_context():
        db.session.execute(db.update(Topic).where(Topic.public_id == topic).values(hidden_at=db.func.now()))
        db.session.commit()

    text = page(maud, "zorglubonne")
    assert found(text) == []
    assert 'data-total="1"' not in text


def test_the_help_is_found_beside_the_cases(site: Site, maud: Person) -> None:
    text = page(maud, "publier sans son nom")

    assert re.search(r'data-kind="help"><a href="/aide">Poser une question', text)


def test_the_help_is_found_without_an_account_and_says_nothing_of_who_reads(site: Site, maud: Person) -> None:
    assert 'data-kind="help"' in page(site.anonymous(), "mettre en forme")
    assert 'data-kind="help"' not in page(site.anonymous(), "mot absent de partout")
