"""Hostile markup in a real browser: nothing runs, nothing is fetched from elsewhere."""

import random

import pytest

# After the public collections (OWASP filter evasion, PortSwigger's cheat sheet), and for Markdown's own ways out.
ATTACKS = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<svg/onload=document.title='owned'>",
    "<svg><animate onbegin=document.title='owned' attributeName=x dur=1s>",
    "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe>",
    "<a href=\"javascript:document.title='owned'\">lien</a>",
    "[lien](javascript:document.title='owned')",
    "[lien](JaVaScRiPt:document.title='owned')",
    "[lien](java\tscript:document.title='owned')",
    "[lien](&#106;avascript:document.title='owned')",
    "[lien](data:text/html;base64,PHNjcmlwdD5kb2N1bWVudC50aXRsZT0nb3duZWQnPC9zY3JpcHQ+)",
    "[lien](vbscript:msgbox)",
    "[a]: javascript:document.title='owned'\n\n[lien][a]",
    "<javascript:document.title='owned'>",
    "![image](http://ailleurs.example/pixel.png)",
    '![image](http://ailleurs.example/p.png" onerror="document.title=1)',
    "![image][b]\n\n[b]: http://ailleurs.example/pixel.png",
    "<img src='http://ailleurs.example/pixel.png'>",
    "<link rel=stylesheet href=http://ailleurs.example/x.css>",
    "<style>body{background:url(http://ailleurs.example/x.png)}</style>",
    "<p style=\"background:url('http://ailleurs.example/x.png')\">x</p>",
    "<video poster=http://ailleurs.example/x.png src=http://ailleurs.example/x.mp4 autoplay></video>",
    "<object data=http://ailleurs.example/x.swf></object><embed src=http://ailleurs.example/x>",
    "<meta http-equiv=refresh content='0;url=http://ailleurs.example/'>",
    "<base href=http://ailleurs.example/>",
    "<form action=http://ailleurs.example/><input name=password><button>x</button></form>",
    "<details open ontoggle=document.title='owned'>x</details>",
    "<input autofocus onfocus=document.title='owned'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=document.title=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=document.title=1>'>",
    "```\"><script>document.title='owned'</script>\ncode\n```",
    "`<script>document.title='owned'</script>`",
    '[x](http://a.example "onmouseover=document.title=1")',
    '"><img src=x onerror=document.title=1>',
    "\u202e\u2066<script>document.title='owned'</script>",
    "<scr\x00ipt>document.title='owned'</scr\x00ipt>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "<x onclick=document.title='owned' contenteditable tabindex=1>x</x>",
    "<body onload=document.title='owned'>",
    "<template><script>document.title='owned'</script></template>",
    "http://ailleurs.example/<script>document.title='owned'</script>",
    "| <img src=x onerror=document.title=1> | b |\n|---|---|\n| c | d |",
]


# Pieces put together at random: markup that no collection lists, where a parser's confusion would show.
PIECES = ["<script>", "</script>", "document.title='owned'", "<img src=x ", "onerror=", "<svg ", "onload=", ">", "/>", "'", '"', "`",
          "<a href=", "javascript:", "[x](", ")", "![x](", "http://ailleurs.example/p.png", "\n\n", "\n", "> ", "- ", "```\n", "<!--", "-->",
          "&lt;", "&#60;", "\\", "<style>", "@import url(http://ailleurs.example/x)", "</style>", "<iframe src=", "<b", " style=", "|", "\t",
          "<http://ailleurs.example/", "[r]: ", "[x][r]", "<details open ontoggle=", "<math>", "<template>", "</p>", "*", "_"]  # fmt: skip


def generated(count: int) -> list[str]:
    chance = random.Random(7)
    return ["".join(chance.choices(PIECES, k=chance.randint(3, 14))) for _ in range(count)]


@pytest.mark.browser
def test_no_attack_runs_or_fetches_anything(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page = open_as("conseillere")
    elsewhere: list[str] = []
    refused: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if server.address not in request.url else None)
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("dialog", lambda dialog: elsewhere.append("dialog"))
    attacks = ATTACKS + generated(120)
    for start in range(0, len(attacks), 18):
        title = f"Attaques {start} <script>document.title='owned'</script><img src=x onerror=document.title=1>"
        page.goto("/poser")
        page.fill("#title", title)
        page.fill("#body", "\n\n".join(attacks[start : start + 18]))
        page.select_option("#section", "aider-a-monter-un-dossier")
        page.click("main button:has-text('Publier')")
        page.wait_for_url("**/sujets/**")
        for link in page.locator(".post .text a").all():
            assert link.evaluate("a => a.protocol") in ("http:", "https:", "mailto:", ":")
            assert "noopener" in (link.get_attribute("rel") or "")
        assert page.title().startswith("Attaques")
        assert page.locator(".post .text :is(img, script, iframe, svg, style, form, input, object, video)").count() == 0
    page.goto("/recherche?q=<script>document.title='owned'</script>\"><img src=x onerror=document.title=1>")
    assert "owned" not in page.title().split("·")[-1]
    assert elsewhere == []
    assert refused == []
