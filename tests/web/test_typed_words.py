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
