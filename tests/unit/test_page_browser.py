"""The page in a real browser: sorting, searching, no console error, nothing asked of another host."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from publishers.marts_export import export_marts
from publishers.page import render_pages

make_warehouse = runpy.run_path(str(Path(__file__).with_name("publish_trial.py")))["make_warehouse"]

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver on the path")]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("browser")
    evil = "<img src=x onerror=document.title=1>"
    also = f"update marts.leaderboard set unit_name = '{evil}' where unit_code = '305'"
    render_pages(export_marts(make_warehouse(folder / "warehouse.duckdb", also=also), folder), folder / "pages")
    return (folder / "pages" / "trial" / "index.html").as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    profile = tmp_path_factory.mktemp("profile")
    for flag in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", f"user-data-dir={profile}", "window-size=1440,1200",
        "force-prefers-reduced-motion",  # a click waits for no smooth scrolling
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    yield driver
    driver.quit()


def column(browser: Any, number: int) -> list[str]:
    rows = "[...document.querySelectorAll('#board tbody tr')].filter(r => !r.hidden)"
    script = f"return {rows}.map(r => r.cells[arguments[0]].textContent.trim())"
    return browser.execute_script(script, number)


def test_a_click_on_a_heading_sorts_and_units_without_a_number_stay_last(browser: Any, page: str) -> None:
    browser.get(page)
    button = browser.find_elements("css selector", "#board thead .sort")[2]  # attained
    button.click()
    assert column(browser, 2)[:2] == ["35,00\u00a0%", "40,00\u00a0%"] and column(browser, 2)[-1] == "–"
    button.click()
    assert column(browser, 2)[:2] == ["100,00\u00a0%", "95,00\u00a0%"] and column(browser, 2)[-1] == "–"


def test_a_search_without_diacritics_finds_the_unit(browser: Any, page: str) -> None:
    browser.get(page)
    search = browser.find_element("css selector", "[data-find=board]")
    search.send_keys("do son")
    assert column(browser, 1) == ["Quận Đồ Sơn"]
    search.clear()
    search.send_keys("huyen")
    assert len(column(browser, 1)) == 8


def test_the_link_to_english_opens_the_same_page_in_english(browser: Any, page: str) -> None:
    browser.get(page)
    browser.find_element("link text", "English").click()
    assert browser.find_element("tag name", "h1").text == "Activation of identity accounts"
    assert browser.execute_script("return document.documentElement.lang") == "en"


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_width_makes_the_page_itself_scroll_sideways(browser: Any, page: str, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(page)
    assert browser.execute_script("return innerWidth") == width >= browser.execute_script("return document.documentElement.scrollWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_console_is_silent_no_host_is_asked_and_a_bad_name_runs_nothing(browser: Any, page: str) -> None:
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page)
    assert browser.get_log("browser") == []
    assert browser.title == "Kích hoạt tài khoản định danh – tiến độ"
    log = [entry["message"] for entry in browser.get_log("performance")]
    assert any("Network.requestWillBeSent" in line for line in log)
    assert not [line for line in log if "Network.requestWillBeSent" in line and ('"url":"http' in line)]


def test_on_a_telephone_holds_findings_and_queue_need_no_scrolling_and_the_grid_begins_at_the_newest_days(browser: Any, page: str) -> None:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    browser.get(page)
    try:
        wide = """return [...document.querySelectorAll('.stacked, .queue')].map(t => t.parentElement)
                  .map(box => [box.getAttribute('aria-label'), box.scrollWidth - box.clientWidth])"""
        assert [over for _, over in browser.execute_script(wide)] == [0, 0, 0]
        assert browser.execute_script("return document.documentElement.scrollWidth") == 360
        label = "return getComputedStyle(document.querySelector('#waiting .stacked td[data-l]'), '::before').content"
        assert browser.execute_script(label) == '"Nhận lúc"'
        newest = """const head = [...document.querySelectorAll('.heat thead th[title]')].pop();
                    const box = head.closest('.scroll').getBoundingClientRect(), at = head.getBoundingClientRect();
                    return [head.title, at.left >= box.left, at.right <= box.right + 1]"""
        assert browser.execute_script(newest) == ["13/06/2023", True, True]
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
