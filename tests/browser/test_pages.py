"""The pages in a real browser, on invented figures."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.ui.catalogue import PAGES, PageEntry
from tests.browser.conftest import Server, Visit, get

pytestmark = pytest.mark.browser

Start = Callable[[str], Server]


def query(page: Page) -> dict[str, list[str]]:
    """What the address says."""
    return parse_qs(urlsplit(page.url).query)


def test_the_first_session_of_a_server_keeps_its_widgets_and_address(
    fresh_server: Server, visit: Visit
) -> None:
    """A deep link as the very first request, then a switch of pages: with an old-style pages folder both go wrong."""
    page = visit.open(f"{fresh_server.url}/storage?lang=ja&devices=xray,evil,dslr")
    expect(page.locator("h1")).to_contain_text("ストレージ")
    expect(page.get_by_role("radio", name="日本語")).to_be_checked()
    assert query(page) == {"lang": ["ja"], "devices": ["dslr,xray"]}

    page.get_by_role("link", name="概要").click()
    page.wait_for_url("**/?lang=ja**")
    visit.settle()
    expect(page.locator("h1")).to_contain_text("概要")
    expect(page.get_by_role("radio", name="日本語")).to_be_checked()
    assert query(page) == {"lang": ["ja"], "devices": ["dslr,xray"]}
    expect(page.locator("[data-testid=stMultiSelect]").first).to_contain_text("一眼レフカメラ")


def test_a_change_of_language_keeps_the_filters(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/storage?lang=en&classes=GLACIER")
    page.get_by_text("日本語", exact=True).click()
    expect(page.locator("h1")).to_contain_text("ストレージ")
    visit.settle()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert query(page) == {"lang": ["ja"], "classes": ["GLACIER"]}
    page.get_by_role("button", name=re.compile("リセット")).click()
    page.wait_for_url(lambda url: "classes" not in url)
    visit.settle()
    assert query(page) == {"lang": ["ja"]}


def test_two_readers_each_keep_their_language(server_in: Start, visit: Visit, browser: Browser) -> None:
    url = server_in("").url
    page = visit.open(f"{url}/?lang=ja")
    context = browser.new_context(locale="en-US")
    other = Visit(context.new_page()).open(f"{url}/storage")
    expect(other.locator("h1")).to_contain_text("Storage")
    page.reload()
    visit.settle()
    expect(page.locator("h1")).to_contain_text("概要")
    context.close()


def test_going_back_restores_the_filters(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/storage?lang=en&devices=xray")
    page.wait_for_timeout(700)
    page.get_by_role("button", name=re.compile("Reset")).click()
    page.wait_for_url(lambda url: "devices" not in url)
    visit.settle()
    page.wait_for_timeout(700)
    page.go_back()
    page.wait_for_url(lambda url: "devices=xray" in url)
    visit.settle()
    expect(page.locator("[data-testid=stMultiSelect]").first).to_contain_text("X-ray")


def click_on(page: Page, bar: Locator) -> None:
    """A real click upon a mark of a chart."""
    bar.wait_for()
    page.wait_for_timeout(600)
    place = bar.bounding_box()
    assert place
    page.mouse.move(place["x"] + place["width"] / 2 - 5, place["y"] + place["height"] / 2)
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_timeout(400)
    page.mouse.down()
    page.mouse.up()


def test_a_click_on_a_bar_narrows_the_page_to_its_device(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/storage?lang=en")
    click_on(page, page.locator(".js-plotly-plot").first.locator(".barlayer .point path").last)
    page.wait_for_url(lambda url: "devices=xray" in url)
    visit.settle()
    page.wait_for_timeout(800)
    assert query(page)["devices"] == ["xray"], "the click must be neither taken back nor repeated"


def test_a_click_on_a_month_shows_its_bill_and_going_back_is_one_step(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/costs?currency=JPY&lang=en")
    chart = page.locator(".js-plotly-plot").first
    click_on(page, chart.locator(".barlayer .trace").first.locator(".point path").nth(-2))
    page.wait_for_url(lambda url: "month=2026-10" in url)
    visit.settle()
    expect(page.get_by_text("Bill of Oct 2026")).to_be_in_viewport()
    assert query(page) == {"currency": ["JPY"], "lang": ["en"], "month": ["2026-10"]}
    page.wait_for_timeout(700)
    page.go_back()
    page.wait_for_url(lambda url: "month" not in url)
    visit.settle()
    expect(page.get_by_text("Bill of Nov 2026")).to_be_in_viewport()


def click_a_cell(page: Page) -> None:
    """A real click into the sixth cell of the first chart, which is a heat map; its points are not drawn."""
    chart = page.locator(".js-plotly-plot").first
    chart.locator(".heatmaplayer image").wait_for(state="attached")
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    across, down = chart.evaluate(
        """chart => {
          const {xaxis, yaxis} = chart._fullLayout, points = chart.data[1], place = chart.getBoundingClientRect();
          return [
            place.x + xaxis._offset + xaxis.d2p(points.x[5]), place.y + yaxis._offset + yaxis.d2p(points.y[5])
          ];
        }"""
    )
    page.mouse.move(across - 2, down)
    page.mouse.move(across, down)
    page.wait_for_timeout(400)
    page.mouse.down()
    page.mouse.up()


def test_a_click_on_a_day_lists_its_images(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/uploads?lang=en&devices=xray")
    click_a_cell(page)
    page.wait_for_url(lambda url: "day=20" in url)
    visit.settle()
    day = query(page)["day"][0]
    assert query(page)["devices"] == ["xray"]
    expect(page.get_by_text("Choose a day or a unit, or click one above.")).to_be_hidden()
    listed = page.locator("[data-testid=stDataFrame]").last
    expect(listed).to_contain_text(f"xray/{day}.jpg")


def test_a_click_on_what_a_row_says_opens_what_is_behind_it(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/costs?lang=en&detail=device")
    table = page.locator("[data-testid=stDataFrame]").last
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    place = table.bounding_box()
    assert place
    # The last row is a part of the bill that is no device's; rows are 31 pixels high.
    page.mouse.click(place["x"] + 150, place["y"] + place["height"] - 20)
    expect(page.get_by_text("No objects lie behind this row")).to_be_visible()
    page.mouse.click(place["x"] + 150, place["y"] + 31 + 15)
    page.wait_for_url(lambda url: "/tiers" in url)
    assert query(page)["devices"]


def test_a_table_is_passed_by_keyboard_and_enter_opens_its_row(server_in: Start, visit: Visit) -> None:
    """To come to a cell is not to click on it: who works without a mouse must get past a table."""
    page = visit.open(f"{server_in('').url}/costs?lang=en&detail=device")
    table = page.locator(".st-key-rows_costs_devices")
    table.get_by_role("button", name="Fullscreen").focus()
    place = page.locator("[data-testid=stDataFrame] td:focus")
    for key, row in (("Tab", 0), ("Tab", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(place).to_have_attribute("id", re.compile(rf"-{row}$"))
    page.wait_for_timeout(800)
    visit.settle()
    assert urlsplit(page.url).path == "/costs"
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/tiers" in url)
    assert query(page)["devices"]


def test_focus_goes_where_the_work_goes_on_and_what_changed_is_said(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/storage?lang=en")
    menu = page.get_by_role("button", name="Export")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-testid=stPopoverBody]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="CSV").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    # The link is gone with its page
    page = visit.open(f"{server_in('').url}/?lang=en")
    page.evaluate(
        "new MutationObserver(() => (window.titles ??= []).push(document.title))"
        ".observe(document.head, { subtree: true, childList: true })"
    )
    page.locator("[data-testid=stMain]").get_by_role("link", name="Details").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.get_by_role("status").get_by_text("Costs · ArchiveLens")).to_be_attached()
    assert set(page.evaluate("window.titles")) == {"Costs · ArchiveLens"}, "none for a moment in between"


def test_a_click_on_a_month_of_a_device_lists_its_names(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/quality?lang=en&devices=xray")
    click_a_cell(page)
    page.wait_for_url(lambda url: "taken=" in url)
    visit.settle()
    assert query(page)["devices"] == ["xray"]
    assert query(page)["taken"] == ["2026-10-01"]
    expect(page.locator("[data-testid=stDataFrame]").last).to_contain_text("IMG_1.jpg")


def test_exports_hold_what_the_table_shows(server_in: Start, visit: Visit, tmp_path: Path) -> None:
    page = visit.open(f"{server_in('').url}/storage?lang=ja")
    page.get_by_role("button", name="エクスポート").click()
    menu = page.locator(".st-key-export_units")
    with page.expect_download() as waiting:
        menu.get_by_role("button", name="CSV").click()
    path = tmp_path / "units.csv"
    waiting.value.save_as(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert rows[0][:3] == ["機器", "号機", "画像"]
    assert rows[1][0] == "X線撮影装置"

    with page.expect_download() as waiting:
        menu.get_by_role("button", name="Excel").click()
    path = tmp_path / "units.xlsx"
    waiting.value.save_as(path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert sheet.cell(1, 1).value == "機器"
    assert sheet.max_row == len(rows)


def test_the_report_is_downloaded_as_a_page_to_print(server_in: Start, visit: Visit, tmp_path: Path) -> None:
    page = visit.open(f"{server_in('').url}/costs?lang=ja")
    page.get_by_role("button", name="エクスポート").click()
    with page.expect_download() as waiting:
        page.locator(".st-key-export_report_2026_10").get_by_role("button", name="PDF").click()
    assert waiting.value.suggested_filename == "archivelens-report-2026-10-ja.pdf"
    waiting.value.save_as(tmp_path / "report.pdf")
    with pypdfium2.PdfDocument(tmp_path / "report.pdf") as pdf:
        assert len(pdf) == 1
        assert "月次報告（2026年10月）" in pdf[0].get_textpage().get_text_range()


def test_the_costs_page_prints_whole(server_in: Start, visit: Visit, tmp_path: Path) -> None:
    """Charts are not drawn anew for paper: what is wider than the paper would be cut off."""
    page = visit.open(f"{server_in('').url}/costs?lang=en&tax=excluded&categories=storage")
    page.wait_for_selector(".main-svg .xtick")
    page.pdf(path=tmp_path / "costs.pdf", prefer_css_page_size=True, print_background=True)
    with pypdfium2.PdfDocument(tmp_path / "costs.pdf") as pdf:
        words = ""
        for leaf in pdf:
            width, height = leaf.get_size()
            assert (round(width), round(height)) == (842, 595), "A4, lying"
            words += leaf.get_textpage().get_text_range()
            inked = (leaf.render().to_numpy() < 255).any(axis=(0, 2))
            assert inked.any()
            assert not inked[int(width) - 30 :].any(), "10 mm are left, and no frame runs into them"
        first = pdf[0].get_textpage().get_text_range()
    assert "Cost by month" in first, "the first sheet is not left half empty"
    assert "Without tax" in first, "part of a bill must not look like all of it"
    assert "Storage" in first
    assert "With tax" not in first
    assert "estimated" in words
    assert "Worklist" not in words, "the sidebar is left out"


@pytest.mark.parametrize(
    ("state", "language", "title", "text"),
    [
        ("empty", "en", "No data yet", "python -m dashboard sync"),
        ("empty", "ja", "データがまだありません", "2. 機器を登録"),
        ("broken", "en", "The figures cannot be shown", "wh.000001.duckdb"),
    ],
)
def test_without_figures_the_page_says_what_to_do(
    server_in: Start, visit: Visit, state: str, language: str, title: str, text: str
) -> None:
    page = visit.open(f"{server_in(state).url}/storage?lang={language}")
    expect(page.locator("h1")).to_contain_text(title)
    expect(page.locator("[data-testid=stMain]")).to_contain_text(text)


def test_a_failed_sync_is_told_beside_the_last_good_figures(server_in: Start, visit: Visit) -> None:
    """The fault's locator is a key that would load a picture if it were taken for Markdown; `visit` would notice."""
    page = visit.open(f"{server_in('failed').url}/?lang=en")
    expect(page.get_by_text(re.compile("The last sync .* failed"))).to_be_visible()
    expect(page.get_by_text(re.compile("Out of date · 3 days ago")).first).to_be_visible()
    page.get_by_text("What happened").click()
    expect(page.get_by_text("The figures of this snapshot cannot be read")).to_be_visible()
    expect(page.get_by_text(re.compile(r"!\[p\]\(http://evil\.example/x\)"))).to_be_visible()
    expect(page.locator("[data-testid=stMetric]")).to_have_count(5)


def test_an_older_snapshot_can_be_opened_and_left(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/?lang=en&snapshot=000001")
    expect(page.get_by_text("Older snapshot")).to_be_visible()
    assert query(page)["snapshot"] == ["000001"]
    page.get_by_role("button", name="Show the newest").click()
    expect(page.get_by_text("Older snapshot")).to_be_hidden()
    visit.settle()
    assert "snapshot" not in query(page)


def test_a_snapshot_is_chosen_on_the_sources_page_and_stays_chosen(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/sources?lang=en")
    page.get_by_role("button", name=re.compile("· 000001")).click()
    page.wait_for_url("**/sources?*snapshot=000001*")
    visit.settle()
    expect(page.get_by_text("Older snapshot")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url(lambda url: "sources" not in url)
    visit.settle()
    assert query(page)["snapshot"] == ["000001"]
    page.locator("[data-testid=stMain]").get_by_role("link", name="Details").first.click()
    page.wait_for_url(lambda url: urlsplit(url).path != "/")
    visit.settle()
    assert query(page)["snapshot"] == ["000001"]
    expect(page.get_by_text("Older snapshot")).to_be_visible()
    page.get_by_role("link", name="Data sources").first.click()
    page.wait_for_url("**/sources?*")
    visit.settle()
    page.get_by_role("button", name=re.compile("· 000002")).click()
    expect(page.get_by_text("Older snapshot")).to_be_hidden()
    visit.settle()
    assert "snapshot" not in query(page)


def test_charts_follow_the_theme(server_in: Start, visit: Visit) -> None:
    colors = {}
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        bars = visit.open(f"{server_in('').url}/storage?lang=en").locator(
            ".js-plotly-plot .barlayer .point path"
        )
        bars.first.wait_for()
        found = bars.evaluate_all("marks => marks.map(mark => getComputedStyle(mark).fill)")
        colors[scheme] = set(found)
    assert "rgb(160, 72, 60)" in colors["light"]
    assert "rgb(205, 68, 68)" in colors["dark"]


def test_words_around_charts_have_their_room_from_the_start(server_in: Start, visit: Visit) -> None:
    """A margin that plotly had to widen means that it drew the chart twice."""
    for path, language in (("", "en"), ("storage", "en"), ("uploads", "ja")):
        page = visit.open(f"{server_in('').url}/{path}?lang={language}")
        page.locator(".js-plotly-plot .main-svg").nth(4).wait_for(state="attached")
        page.wait_for_timeout(600)
        margins = page.locator(".js-plotly-plot").evaluate_all(
            """charts => charts.map(({layout, _fullLayout}) =>
              ["l", "r", "t", "b"].map(side => [layout.margin[side], _fullLayout._size[side]]))"""
        )
        assert len(margins) >= 2
        assert all(given == needed for chart in margins for given, needed in chart), f"{path}: {margins}"


@pytest.mark.parametrize(("width", "is_stacked"), [(1440, False), (1024, True), (390, True)])
def test_panels_stand_beside_each_other_only_where_there_is_room(
    server_in: Start, browser: Browser, width: int, is_stacked: bool
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="ja-JP")
    page = Visit(context.new_page()).open(f"{server_in('').url}/uploads")
    expect(page.locator("h1")).to_contain_text("アップロード")
    columns = page.locator("[data-testid=stMain] [data-testid=stColumn]").all()
    places = [column.evaluate("column => column.getBoundingClientRect().x") for column in columns]
    assert len(places) == 2
    assert (places[0] == places[1]) == is_stacked
    # Choices are as high as the fields beside them, so that the names of both stand in one line
    names = page.locator(".st-key-filters [data-testid=stWidgetLabel]").all()
    heights = {round(name.evaluate("name => name.getBoundingClientRect().y")) for name in names}
    assert len(names) == 2
    assert is_stacked or len(heights) == 1
    # Nothing is wider than the screen, and no choice lies outside of it
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    choice = page.locator("[data-testid=stButtonGroup]").get_by_text("指定", exact=True)
    assert choice.evaluate("choice => choice.getBoundingClientRect().right") <= width
    context.close()


def test_nothing_on_a_phone_lies_on_words_or_cuts_them(server_in: Start, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="ja-JP", has_touch=True, is_mobile=True
    )
    page = Visit(context.new_page()).open(f"{server_in('').url}/overview")
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    tools = page.locator("[data-testid=stDataFrame] [data-testid=stElementToolbar]").evaluate_all(
        """tools => tools.map(tool => {
          const before = tool.closest("[data-testid=stElementContainer]").previousElementSibling;
          return [before.getBoundingClientRect().bottom, tool.getBoundingClientRect().bottom - 32];
        })"""
    )
    assert tools
    assert all(above <= top for above, top in tools), tools
    cut = page.locator("[data-testid=stMetric] .stMarkdownEllipsis").evaluate_all(
        "words => words.filter(word => word.scrollWidth > word.clientWidth + 1).map(word => word.textContent)"
    )
    assert cut == []
    context.close()


def _contrast(one: str, other: str) -> float:
    """Of two colours as browsers tell them, as WCAG 2.2 reckons it."""

    def light(color: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_a_chosen_button_and_on_areas_can_be_read(
    server_in: Start, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme, locale="ja-JP")
    page = Visit(context.new_page()).open(f"{server_in('').url}/storage")
    words = page.locator("[data-testid=stButtonGroup] [aria-checked=true] p").first
    assert (
        words.evaluate("words => getComputedStyle(words).color")
        == {
            "light": "rgb(11, 110, 153)",
            "dark": "rgb(98, 181, 221)",
        }[scheme]
    )
    page.locator(".treemaplayer .slicetext").first.wait_for()
    written = page.locator(".treemaplayer .slice:has(text)").evaluate_all(
        """slices => slices.map(slice => [slice.querySelector("path"), slice.querySelector("text")])
          .filter(([, words]) => words.textContent.trim())
          .map(marks => marks.map(mark => getComputedStyle(mark).fill))"""
    )
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 23, 34)"}[scheme]
    axes = page.locator(".js-plotly-plot :is(.xtick text, .ytick text, .xtitle)").evaluate_all(
        "words => words.map(word => getComputedStyle(word).fill)"
    )
    assert written
    assert axes
    for ground, ink in [*written, *((paper, ink) for ink in axes)]:
        assert _contrast(ground, ink) >= 4.5, f"{ink} on {ground}"
    context.close()


def test_where_the_keyboard_is_and_what_is_chosen_can_be_seen(server_in: Start, visit: Visit) -> None:
    page = visit.open(f"{server_in('').url}/storage?lang=en")
    link = page.get_by_role("link", name="Uploads")
    page.keyboard.press("Tab")
    link.focus()
    assert link.evaluate("link => getComputedStyle(link).outline").startswith("rgb(11, 110, 153) solid 2px")
    # In the reader's own colours
    page.emulate_media(forced_colors="active")
    choices = page.get_by_role("radiogroup", name="Language").get_by_role("radio")
    grounds = choices.evaluate_all("all => all.map(choice => getComputedStyle(choice).backgroundColor)")
    assert len(grounds) == len(set(grounds)) == 2


def test_answers_are_compressed_and_strict(server_in: Start) -> None:
    url = server_in("").url
    answer = get(f"{url}/storage?lang=ja", Accept_Encoding="gzip", Accept="text/html")
    document = gzip.decompress(answer.body).decode()
    assert '<html lang="ja">' in document
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"

    script = re.search(r'src="\./(static/js/[^"]+\.js)"', document)
    assert script
    answers = [
        get(f"{url}/{script[1]}", Accept_Encoding=encoding) for encoding in ("identity", "gzip", "gzip")
    ]
    plain, once, kept = (len(answer.body) for answer in answers)
    assert once == kept < 0.45 * plain
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.id)
def test_a_first_visit_is_small_and_every_icon_a_picture(
    server_in: Start, visit: Visit, entry: PageEntry
) -> None:
    """At most 2.3 MB over the wire; an icon that the font lacks would show as its name and so be wide."""
    page = visit.open(f"{server_in('').url}/{'' if entry is PAGES[0] else entry.id}?lang=en")
    page.wait_for_load_state("networkidle")
    # As the server sent it, also what this browser kept from an earlier page; but the font that Streamlit asks for is
    # ours, which was sent already.
    sizes = page.evaluate(
        "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
        ".filter(item => !item.name.includes('SourceSans')).map(item => item.encodedBodySize)"
    )
    assert 400_000 < sum(sizes) <= 2_300_000
    icons = page.locator("[data-testid=stIconMaterial]")
    assert icons.count() > 8
    for text, width, size in icons.evaluate_all(
        "all => all.map(icon => [icon.innerText, icon.scrollWidth, parseFloat(getComputedStyle(icon).fontSize)])"
    ):
        assert width <= 1.3 * size, f"{text} is {width} px wide at {size} px"


def test_only_one_font_for_text_is_fetched(server_in: Start) -> None:
    answer = get(f"{server_in('').url}/static/media/SourceSansVF-Upright.ttf.BsWL4Kly.woff2")
    assert (answer.status, answer.headers["location"]) == (308, "../../app/static/inter.woff2")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_known_host_names_are_served(server_in: Start) -> None:
    url = server_in("").url
    assert get(f"{url}/", Host="evil.example").status == 400
    assert get(f"{url}/_stcore/health", Host="localhost:1").status == 200
    assert get(f"{url}/healthz").status == 200
    assert get(f"{server_in('empty').url}/healthz").status == 503


def test_the_first_page_is_found_by_its_name_too(server_in: Start) -> None:
    answer = get(f"{server_in('').url}/overview?lang=ja&devices=xray")
    assert (answer.status, answer.headers["location"]) == (307, "./?lang=ja&devices=xray")
    assert get(f"{server_in('').url}/overview").headers["location"] == "./"


def test_no_other_site_may_steer_the_pages(server_in: Start) -> None:
    told = json.loads(get(f"{server_in('').url}/_stcore/host-config").body)
    assert told["allowedOrigins"] == []
