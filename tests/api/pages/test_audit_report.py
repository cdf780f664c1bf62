"""The page shows what its context holds, and nothing that somebody wrote becomes markup."""

import dataclasses
import re
from dataclasses import replace

from jinja2 import Environment, PackageLoader, meta, nodes

from api.pages.audit_report import (
    AuditReport,
    Cell,
    Dot,
    FindingCard,
    FlaggedCard,
    GroupLine,
    HeatmapPicture,
    MapPicture,
    SaidEvidence,
    ScaleSection,
    render,
)

CARD = FindingCard(
    "pair-1", "a", "b", "<b>Ropes</b>", "Work & Height", "lies within", "contained_in", 0.98,
    (SaidEvidence("text", 1.8, "both say “rope”"), SaidEvidence("talk", -0.5, "they talk about other things")),
)  # fmt: skip
DOT = Dot("a", "<b>Ropes</b>", "active", 10, 20, 4, "<b>Ropes</b>", "start")
SCALE = ScaleSection("alive", "fall asleep", "Asleep", (FlaggedCard("c", "<b>Knots</b>", 0.87, ("none since <May>",)),))
REPORT = AuditReport(
    made_on="2027-03-17", version="1.2.3", compared=3, pairs=2, least=0.5,
    overlaps=(CARD,), unit_clashes=(), groups=(GroupLine(("A", "B", "C"), ("A", "C"), 0.61),), scales=(SCALE,),
    heatmap=HeatmapPicture(("</script><i>A</i>", "B"), (Cell(9, 0, 8, "text"),), 9, 4),
    map=MapPicture((DOT,), ((1, 2, 3, 4, "duplicate"),), 100, 50),
)  # fmt: skip


def test_everything_of_the_report_is_on_the_page() -> None:
    page = render(REPORT)
    told = (
        "2027-03-17", "1.2.3", "98&nbsp;%", "Work &amp; Height", "lies within", "they talk about other things", "-0.5",
        "1 fall asleep", "<h2>Asleep</h2>", "none since &lt;May&gt;",
        "A, B, C", "A and C (61&nbsp;%)", "4 are not", 'class="link duplicate"', "None is as likely as 50",
    )  # fmt: skip
    for said in told:
        assert said in page, said


def test_names_are_never_markup() -> None:
    page = render(REPORT)
    assert "<b>" not in page
    assert "<i>A" not in page
    assert page.count("</script>") == 1


def test_a_report_without_pictures_is_a_page_too() -> None:
    page = render(replace(REPORT, heatmap=None, map=None, groups=(), overlaps=()))
    assert "<svg" not in page
    assert page.count("None is as likely") == 2


def test_the_template_asks_for_what_the_context_has() -> None:
    environment = Environment(loader=PackageLoader("api.pages"))
    source = environment.loader.get_source(environment, "audit_report.html")[0]  # pyright: ignore
    tree = environment.parse(source)
    assert meta.find_undeclared_variables(tree) == {"report"}
    asked = {
        found.attr
        for found in tree.find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name == "report"
    }
    assert asked == {field.name for field in dataclasses.fields(AuditReport)}
    assert re.search(r"Content-Security-Policy", source)
