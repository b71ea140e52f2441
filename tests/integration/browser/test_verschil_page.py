"""The page of a comparison in a browser: it shows what changes, and its filters leave what was asked for."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from chain.verschil.pagina import write_page
from tests.unit.verschil.test_pagina import REPORT

pytestmark = pytest.mark.browser
LIMIT = 30.0


@pytest.fixture
def page(chromium: Chrome, tmp_path: Path) -> Chrome:
    path = tmp_path / "verschil.html"
    write_page(path, REPORT)
    said(chromium)
    chromium.get(path.as_uri())
    return chromium


def said(page: Chrome) -> list[str]:
    """What the browser's console holds since it was asked last."""
    return [str(one["message"]) for one in page.execute("getLog", {"type": "browser"})["value"]]


def lines(page: Chrome) -> list[str]:
    """What is shown of the differences one by one."""
    rows = page.find_elements(By.CSS_SELECTOR, "tr[data-sectie]")
    return [row.text.partition(" ")[0] for row in rows if row.is_displayed()]


def shows(page: Chrome, expected: list[str]) -> None:
    WebDriverWait(page, LIMIT).until(lambda _: lines(page) == expected, f"found {lines(page)}, expected {expected}")


def choose(page: Chrome, field: str, value: str) -> None:
    Select(page.find_element(By.ID, field)).select_by_visible_text(value)


def test_the_page_opens_without_an_error_and_shows_what_changes(page: Chrome) -> None:
    assert page.title == "Verschil: week 10 & 11.opname"
    assert page.find_element(By.ID, "oordeel").text == "Er zijn verschillen."
    shows(page, ["opgelost", "nieuw"])
    assert page.find_element(By.ID, "aantal").text == "2 van 2 regels"
    assert "<script>alert(1)</script>" in page.find_element(By.ID, "uitval").text
    assert said(page) == []


def test_filters_leave_what_was_asked_for_and_give_it_all_back(page: Chrome) -> None:
    choose(page, "f-soort", "nieuw")
    shows(page, ["nieuw"])
    assert page.find_element(By.ID, "aantal").text == "1 van 2 regels"
    page.find_element(By.CSS_SELECTOR, "#filter button").click()
    shows(page, ["opgelost", "nieuw"])
    choose(page, "f-partner", "Tegendraad Bouwservice")
    shows(page, ["opgelost"])
    page.find_element(By.CSS_SELECTOR, "#filter button").click()
    page.find_element(By.ID, "f-tekst").send_keys("STRIJDIG")
    shows(page, ["nieuw"])
    page.find_element(By.ID, "f-tekst").send_keys(" nergens")
    shows(page, [])
    assert not page.find_element(By.ID, "uitval").is_displayed()


def test_every_field_is_reached_by_the_keyboard_and_is_called_by_its_label(page: Chrome) -> None:
    for field, label in (
        ("f-sectie", "Onderdeel"),
        ("f-soort", "Soort"),
        ("f-partner", "Partner"),
        ("f-tekst", "Zoek in alles"),
    ):
        found = page.find_element(By.ID, field)
        assert found.accessible_name == label
        page.execute_script("arguments[0].focus()", found)
        assert page.switch_to.active_element == found


def test_nothing_lies_beside_the_page_on_a_narrow_screen(page: Chrome) -> None:
    before = page.get_window_size()
    page.set_window_size(420, 800)
    try:
        wide = page.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
    finally:
        page.set_window_size(before["width"], before["height"])


def test_the_filters_stay_above_what_is_scrolled_under_them(page: Chrome) -> None:
    before = page.get_window_size()
    page.set_window_size(1280, 500)
    try:
        page.execute_script("document.querySelector('#uitval tr[data-sectie]').scrollIntoView()")
        above = page.execute_script(
            "const form = document.getElementById('filter'), box = form.getBoundingClientRect();"
            "const at = document.elementFromPoint(box.left + box.width / 2, box.bottom - 4);"
            "return [box.top, form.contains(at)]"
        )
        assert above == [0, True]
    finally:
        page.set_window_size(before["width"], before["height"])
