"""What somebody types travels in no address but that of a search: addresses stand in histories, and in the logs of whatever
lies between. The search field and the directory are addresses on purpose: another tool can open them."""

import re
from pathlib import Path

from tests.community import Site

FIELDS = re.compile(r"<(?:form|input|textarea|select|div|button)\b[^>]*>", re.DOTALL)
ADDRESSES_ON_PURPOSE = {"/recherche", "/membres"}


def test_no_template_sends_what_is_typed_by_get() -> None:
    for path in sorted(Path("templates").rglob("*.html")):
        for element in FIELDS.findall(path.read_text()):
            takes_fields = element.startswith(("<input", "<textarea", "<select")) or "hx-include" in element
            assert "hx-get" not in element or not takes_fields, f"{path}: {element}"
            action = re.search(r'action="([^"]*)"', element)
            if element.startswith("<form") and 'method="post"' not in element:
                assert action, f"{path}: {element}"
                assert action[1] in ADDRESSES_ON_PURPOSE, f"{path}: {element}"


def test_what_is_typed_while_writing_is_asked_for_by_post_alone(lite: Site) -> None:
    maud = lite.adviser("Maud")

    for path, field in (("/recherche/proches", "title"), ("/recherche/propositions", "q"), ("/poser/themes", "title")):
        assert maud.get(f"{path}?{field}=licenciement+pendant+un+congé").status_code in (404, 405)
        assert maud.post(path, **{field: "licenciement pendant un congé"}).status_code == 200


def test_a_title_searched_in_vain_comes_to_the_asking_page_in_no_address(lite: Site) -> None:
    maud = lite.adviser("Maud")
    lite.works()

    found = maud.get("/recherche?q=licenciement+zzqq").text
    asked = maud.post("/poser/debut", title="licenciement zzqq")

    assert 'action="/poser/debut"' in found
    assert "/poser?" not in found
    assert 'value="licenciement zzqq"' in asked.text
    assert "zzqq" not in maud.get("/poser?titre=zzqq").text


def test_no_title_is_carried_where_a_reader_is_to_return_to(lite: Site) -> None:
    """An address holds a topic's title; the way back after signing in holds its number, or logs would tell what was
    asked of peers."""
    maud = lite.adviser("Maud")
    topic = maud.asks("Un titre reconnaissable")
    titled = maud.get(f"/sujets/{topic}").location
    assert "reconnaissable" in titled
    stranger = lite.anonymous()

    opened = stranger.get(titled)
    sent = stranger.client.post(
        f"/sujets/{topic}/messages", data={"body": "Un mot"}, headers={"Referer": f"http://localhost{titled}?page=2"}
    )
    invented = stranger.get("/sujets/123456789012345-un-titre-reconnaissable")

    for answer, way_back in ((opened, f"/sujets/{topic}"), (sent, f"/sujets/{topic}?page=2")):
        assert answer.status_code == 404
        assert f'name="next" value="{way_back}"' in answer.text
    for answer in (opened, sent, invented):
        assert "reconnaissable" not in answer.text
