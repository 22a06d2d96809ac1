"""Labels of templates: what they hold of others is escaped, also where a number chooses the words."""

from flask import render_template_string

from tests.community import Site

NAME = '<b>100 %</b> & "moi"'
SAFE = "&lt;b&gt;100 %&lt;/b&gt; &amp; &#34;moi&#34;"


def said(site: Site, label: str) -> str:
    with site.app.test_request_context("/"):
        return render_template_string("{{ " + label + " }}", name=NAME)


def test_the_values_of_a_label_are_escaped_and_its_own_words_are_not(lite: Site) -> None:
    assert said(lite, "_('<i>Vers</i> %(name)s', name=name)") == f"<i>Vers</i> {SAFE}"
    assert said(lite, "ngettext('%(num)s de %(name)s', '%(num)s par %(name)s', 1, name=name)") == f"1 de {SAFE}"
    assert said(lite, "ngettext('%(num)s de %(name)s', '%(num)s par %(name)s', 2, name=name)") == f"2 par {SAFE}"


def test_a_percent_sign_is_written_twice_with_values_or_without(lite: Site) -> None:
    assert said(lite, "_('50 %% de %(name)s', name='x')") == "50 % de x"
    assert said(lite, "_('50 %%')") == "50 %"
