"""What people write is shown with its structure, and nothing in it acts: also in a real browser, without a policy."""

from datetime import date
from typing import Any

from api.pages.html import policy
from api.pages.markdown import as_html
from api.pages.pitch import pitch_of, render_html
from graph.models import Community
from graph.reads.formation import PitchFacts
from tests.api.pages.test_pitch import checked

# Each would set `pwned`, ask another host for something, or lead somebody there by a click.
HOSTILE = (
    "<script>pwned=1</script>",
    "<SCRIPT SRC=http://127.0.0.1:9/x.js></SCRIPT>",
    "<scr<script>ipt>pwned=1</scr</script>ipt>",
    "<script\x0c>pwned=1</script>",
    "<svg><script>pwned=1</script></svg>",
    "<svg onload=pwned=1>",
    "<svg/onload=pwned=1//",
    "<svg><animate onbegin=pwned=1 attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:pwned=1'><text y=20>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9InB3bmVkPTEiLz4='></svg>",
    "<img src=x onerror=pwned=1>",
    "<img src=http://127.0.0.1:9/spy.png>",
    "<img srcset='http://127.0.0.1:9/spy.png 1x'>",
    "<IMG \"\"\"><SCRIPT>pwned=1</SCRIPT>\">",
    "<img src='x'onerror='pwned=1'>",
    "<image src=x onerror=pwned=1>",
    "![x](http://127.0.0.1:9/spy.png)",
    "![x](x\"onerror=\"pwned=1)",
    "[x](javascript:pwned=1)",
    "[x](JaVaScRiPt:pwned=1)",
    "[x](java&#10;script:pwned=1)",
    "[x](&#106;avascript:pwned=1)",
    "[x](\x01javascript:pwned=1)",
    "[x](vbscript:pwned)",
    "[x](data:text/html;base64,PHNjcmlwdD5wd25lZD0xPC9zY3JpcHQ+)",
    "[x](https://x.example \"onmouseover=pwned=1\")",
    "<javascript:pwned=1>",
    "[x]: javascript:pwned=1\n\n[x]",
    "<a href=javascript:pwned=1>x</a>",
    "<a href=' javascript:pwned=1'>x</a>",
    "<a href='java\tscript:pwned=1'>x</a>",
    "<a href='&#x6a;avascript:pwned=1'>x</a>",
    "<a href=x onclick=pwned=1>x</a>",
    "<a href=x style='position:fixed;inset:0'>x</a>",
    "<iframe src=javascript:pwned=1></iframe>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<object data=javascript:pwned=1></object>",
    "<embed src=javascript:pwned=1>",
    "<form action=javascript:pwned=1><button id=go>x</button></form>",
    "<form action=http://127.0.0.1:9/><input name=password autofocus onfocus=pwned=1>",
    "<button formaction=javascript:pwned=1>x</button>",
    "<input onfocus=pwned=1 autofocus>",
    "<select onfocus=pwned=1 autofocus><option>x</select>",
    "<textarea><img src=x onerror=pwned=1></textarea>",
    "<details open ontoggle=pwned=1>x</details>",
    "<video><source onerror=pwned=1></video>",
    "<audio src=x onerror=pwned=1>",
    "<body onload=pwned=1>",
    "<base href=http://127.0.0.1:9/>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<style>*{background:url(http://127.0.0.1:9/x)}</style>",
    "<div style='background:url(http://127.0.0.1:9/x)'>x</div>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=pwned=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=pwned=1>'>",
    "<template><img src=x onerror=pwned=1></template>",
    "<xmp><p title='</xmp><img src=x onerror=pwned=1>'>",
    "<title><img src=x onerror=pwned=1></title>",
    "<!--><img src=x onerror=pwned=1>-->",
    "<![CDATA[><img src=x onerror=pwned=1>]]>",
    "`<img src=x onerror=pwned=1>`<img src=x onerror=pwned=1>",
    "```html\n</code></pre><img src=x onerror=pwned=1>\n```",
    "<p id=location name=cookie>x</p><img name=getElementById>",
    "</main></body></html><script>pwned=1</script>",
    "{{ ''.__class__.__mro__ }}<img src=x onerror=pwned=1>",
)  # fmt: skip


def test_structure_is_shown() -> None:
    text = (
        "# Ropes\n\nWe *splice* **ropes**, [how](https://x.example/a?b=1&c=2):\n\n- one\n- two\n\n| a |\n|---|\n| 1 |"
    )
    made = as_html(text)
    for part in ("<h3>Ropes</h3>", "<em>splice</em>", "<strong>ropes</strong>", "<li>one</li>", "<td>1</td>"):
        assert part in made
    assert '<a href="https://x.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">how</a>' in made
    assert as_html("a < b & c") == "<p>a &lt; b &amp; c</p>\n"
    assert as_html(None) == as_html("") == ""


def test_only_styles_of_the_template_are_let_in() -> None:
    told = policy("pitch.html")
    assert "unsafe" not in told
    assert told.count("'sha256-") == 1


def test_nothing_that_is_hostile_acts_in_a_browser(chromium: Any) -> None:
    assert len(HOSTILE) >= 50
    page = chromium.new_page()
    asked: list[str] = []
    opened: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    for payload in HOSTILE:
        for text in (payload, f"Ropes, and\n\n{payload}\n\nmore ropes", f"- ropes {payload}"):
            made = pitch_of(
                Community("k", text, text, status="proposed", audience=text, topics=(text,)), checked(), [], [],
                PitchFacts(text, text, (text,), text, (text,), (text,), (text,)), date(2026, 1, 3), 3,
            )  # fmt: skip
            # Without the page's own policy, which would stop what the cleaning let through.
            html = render_html(made).replace('http-equiv="Content-Security-Policy"', 'name="none"')
            asked.clear()
            page.set_content(html, wait_until="load")
            # What a click would lead to, from a page of the service: an address of these kinds, or one within it.
            schemes = page.evaluate(
                "() => [...document.querySelectorAll('[href], [action], [formaction]')]"
                ".map(e => new URL(e.getAttribute('href') ?? e.action, 'https://here.example/v1/').protocol)"
            )
            assert set(schemes) <= {"https:", "http:", "mailto:"}, payload
            state = page.evaluate(
                "() => ({pwned: window.pwned ?? null, where: location.href, active: [...document.querySelectorAll('*')]"
                ".filter(e => [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style')"
                " || /^(script|iframe|object|embed|form|input|img|svg|math|base|link|video|audio)$/i.test(e.tagName))"
                ".map(e => e.outerHTML)})"
            )
            assert state == {"pwned": None, "where": "about:blank", "active": []}, payload
            assert [url for url in asked if not url.startswith("about:")] == [], payload
    assert opened == []
    page.close()


def test_the_browser_would_notice(chromium: Any) -> None:
    page = chromium.new_page()
    page.set_content("<img src=x onerror=pwned=1>")
    page.wait_for_function("() => window.pwned === 1")
    page.close()
