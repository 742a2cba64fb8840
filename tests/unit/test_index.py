"""The index names the page that it cannot be made from."""

import pytest

from analysis import NotebookError
from analysis.presenting import index

PAGE = (
    "<title>Headline · issue</title>"
    '<meta name="data-date" content="{day}">'
    '<template id="manifest">{manifest}</template>'
)
GOOD = '{"parameters": {"as_of": "2026-11-22"}}'


def test_a_page_is_listed_with_its_headline_and_days() -> None:
    html = index.render({"en": ("reports/published/en/index.html", PAGE.format(day="2022-12-15", manifest=GOOD))})
    assert [part in html for part in ("Headline", "15 December 2022", "22 November 2026")] == [True] * 3


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<title>Headline · issue</title>",
        PAGE.format(day="yesterday", manifest=GOOD),
        PAGE.format(day="2022-12-15", manifest=""),
        PAGE.format(day="2022-12-15", manifest="no JSON"),
        PAGE.format(day="2022-12-15", manifest="[]"),
        PAGE.format(day="2022-12-15", manifest="7"),
        PAGE.format(day="2022-12-15", manifest='{"parameters": null}'),
        PAGE.format(day="2022-12-15", manifest='{"parameters": {}}'),
        PAGE.format(day="2022-12-15", manifest='{"parameters": {"as_of": 7}}'),
        PAGE.format(day="2022-12-15", manifest='{"parameters": {"as_of": "soon"}}'),
    ],
)
def test_a_page_that_cannot_be_read_is_named(html: str) -> None:
    with pytest.raises(NotebookError) as caught:
        index.render({"en": ("reports/published/en/index.html", html)})
    assert caught.value.subject == "reports/published/en/index.html"
