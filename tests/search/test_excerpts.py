"""What a result shows of its topic: the passages that say most of what is wanted, and where they lead."""

import re

from tests.community import Person, Site
from tests.search.test_searching import page


def test_a_result_shows_what_the_question_and_a_reply_say_and_leads_to_the_reply(
    site: Site, maud: Person, ines: Person
) -> None:
    topic = maud.asks("Un cas de parcours", "Il veut une dérogation, est-ce possible ?")
    ines.answers(topic, "Bonjour, je ne sais pas.")
    reply = ines.answers(topic, "Un recours est possible à Lille.")
    site.works()

    [shown] = excerpts(page(maud, "dérogation recours"))
    assert [re.findall("<mark>(.*?)</mark>", passage) for passage in shown] == [["dérogation"], ["recours"]]
    assert ["/messages/" in passage for passage in shown] == [False, True]
    assert f'href="/messages/{reply}" data-rank="1"' in shown[1]


def test_a_passage_that_says_it_all_is_shown_alone(site: Site, maud: Person, ines: Person) -> None:
    topic = maud.asks("Un cas de parcours", "Une dérogation ou un recours, est-ce possible ?")
    ines.answers(topic, "Une dérogation ? Demandez.")
    site.works()

    [[only]] = excerpts(page(maud, "dérogation recours"))
    assert "/messages/" not in only


def test_a_hidden_reply_is_quoted_by_no_result(site: Site, maud: Person, ines: Person) -> None:
    topic = maud.asks("Un cas de parcours", "Il veut une dérogation, est-ce possible ?")
    reply = ines.answers(topic, "Un recours est possible.")
    site.works()
    site.animator().post(f"/messages/{reply}/masquage", reason="Il désigne une personne.")

    [[only]] = excerpts(page(maud, "dérogation recours"))
    assert "recours" not in only


def excerpts(text: str) -> list[list[str]]:
    """The passages that each result shows."""
    shown = re.findall(r'<div class="excerpt">(.*?)</div>', text, re.DOTALL)
    return [re.findall(r"<p>(.*?)</p>", each, re.DOTALL) for each in shown]
