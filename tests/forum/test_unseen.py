"""A title, a name, a reason of which nothing can be seen is none, wherever it is typed."""

import pytest

from comcep.analytics import theming
from comcep.text.cleaning import can_be_seen, clean_line, clean_text
from tests.community import Site

UNSEEN = ["\u200b\u200b\u200b", "\u2060\u2061", "\u202e\u2066", "\u3164\u3164\u3164", "\u2800\u2800\u2800", "\u00a0\u202f\u2009", "\u034f\u0301\ufe0f",
          "\u200e\u200f\u061c", "\U000e0041\U000e0042", "\u115f\u1160\uffa0", "\u00ad\u00ad\u00ad", "\x00\x1b\x7f"]  # fmt: skip


@pytest.mark.parametrize("text", UNSEEN)
def test_what_cannot_be_seen_is_no_text(text: str) -> None:
    assert clean_text(text) == clean_line(text) == clean_text(f" {text}\n") == ""
    assert not can_be_seen(text)


@pytest.mark.parametrize("text", UNSEEN)
def test_a_title_that_cannot_be_seen_is_refused_everywhere(lite: Site, text: str) -> None:
    lise = lite.animator()
    topic = lise.asks("Un titre")
    asked = lise.post("/poser", title=text, body="Un message", section="pairs", kind="question")
    empty = lise.post("/poser", title="Un autre", body=text, section="pairs", kind="question")
    joined = lite.anonymous().post("/rejoindre", name=text, email="a@b.example", network="fongecif", region="27")
    hidden = lise.post(f"/messages/{lise.answers(topic, 'Une réponse')}/masquage", reason=text)

    assert [asked.status_code, empty.status_code, joined.status_code, hidden.status_code] == [422, 422, 422, 422]
    assert "Donnez un titre" in asked.text
    assert "Écrivez votre message" in empty.text


def test_a_theme_whose_label_cannot_be_seen_is_refused(lite: Site) -> None:
    lise = lite.animator()
    with lite.app.test_request_context("/"), pytest.raises(theming.Refused):
        theming.add(lise.viewer, "\u3164\u200b", "")


def test_what_gives_form_within_a_word_is_kept_or_goes_without_harm() -> None:
    assert clean_line("Zoé \u200bMar\u00adtin") == "Zoé Martin"
    assert clean_text("famille 👨\u200d👩\u200d👧 et ❤\ufe0f") == "famille 👨\u200d👩\u200d👧 et ❤\ufe0f"
    assert clean_line("می\u200cخواهم") == "می\u200cخواهم"
