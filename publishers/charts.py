"""Charts as SVG text, drawn without a browser and without a network. Colours are stand-ins that page.css maps to light and dark."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from publishers.page.figures import Figures
    from publishers.page.language import Words

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
INK, MUTED, LINE, ACCENT, TARGET, PACE = "#1b2633", "#5a6775", "#e2e6eb", "#1d4f80", "#2e7550", "#a15c07"
SIZES = {"wide": (840, 300), "narrow": (300, 260)}
MAX_POINTS = 400

_D3_NUMBERS = {
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
}


def progress_chart(page: Figures, words: Words, size: str) -> str | None:
    """Value of the board's indicator over time, with target, due dates and required pace; None with fewer than two points.

    `size` is wide or narrow. The SVG has no width of its own (it fills its box) and keeps its text as text.
    """
    series = _thinned(page.series)
    if len(series) < 2 or page.headline is None:
        return None
    import altair as alt

    alt.data_transformers.disable_max_rows()
    width, height = SIZES[size]
    narrow = size == "narrow"
    x = alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%d/%m" if words.language == "vi" else "%-d %b", tickCount=3 if narrow else 8, grid=False),
    )
    y = alt.Y("value:Q", title=None, stack=None, scale=alt.Scale(zero=True, nice=True), axis=alt.Axis(format=",.0f", tickCount=5))

    def data(found: list[dict[str, Any]]) -> Any:
        return alt.Data(values=[{**point, "day": _milliseconds(point["day"])} for point in found])

    value = data([_point(row["as_of_date"], value=row["value"]) for row in series])
    layers = [
        alt.Chart(value).mark_area(color=ACCENT, opacity=0.08).encode(x=x, y=y),
        alt.Chart(value).mark_line(color=ACCENT, strokeWidth=2.25, interpolate="linear").encode(x=x, y=y),
        alt.Chart(data([_point(series[-1]["as_of_date"], value=series[-1]["value"], text=words.number(series[-1]["value"]))])),
    ]
    last = layers.pop()
    layers += [
        last.mark_point(color=ACCENT, filled=True, size=50, opacity=1).encode(x=x, y=y),
        last.mark_text(color=ACCENT, align="right", dx=-6, dy=-10, fontWeight=600, fontSize=12).encode(x=x, y=y, text="text:N"),
    ]
    targets = [_point(row["as_of_date"], value=row["target"]) for row in series if row["target"] is not None]
    pace = _pace_line(page.headline)
    dues = _due_dates(page, series, pace, words, narrow)
    if targets:
        end = max([point["day"] for point in dues + pace] + [series[-1]["as_of_date"]])
        targets.append(_point(end, value=targets[-1]["value"]))
        layers.append(
            alt.Chart(data(targets)).mark_line(color=TARGET, strokeDash=[6, 4], strokeWidth=1.5, interpolate="step-after").encode(x=x, y=y)
        )
        # the label stands on the step that is valid now; where that step begins late, there is room only to its left
        step = next((n for n in range(len(targets) - 1, 0, -1) if targets[n - 1]["value"] != targets[-1]["value"]), 0)
        is_late = step > len(targets) / 2
        layers.append(
            alt.Chart(
                data([{**targets[-1 if is_late else step], "text": f"{words('chart.target')}: {words.number(targets[-1]['value'])}"}])
            )
            .mark_text(color=TARGET, align="right" if is_late else "left", dx=-4 if is_late else 4, dy=-8, fontSize=11)
            .encode(x=x, y=y, text="text:N")
        )
    if pace:
        layers.append(alt.Chart(data(pace)).mark_line(color=PACE, strokeDash=[2, 3], strokeWidth=2).encode(x=x, y=y))
    if dues:
        rules = alt.Chart(data(dues))
        layers.append(rules.mark_rule(color=MUTED, strokeDash=[1, 3]).encode(x=x))
        layers.append(
            rules.mark_text(color=MUTED, align="right", baseline="bottom", dx=-4, dy=-4, fontSize=11).encode(
                x=x, y=alt.value(height), text="text:N"
            )
        )
    chart = alt.layer(*layers).properties(width=width - 70, height=height)
    return _svg(chart.to_dict(), words.language)


def _svg(spec: dict[str, Any], language: str) -> str:
    import vl_convert

    spec["config"] = {
        "background": None,
        "aria": False,  # the figure around it has one label
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": MUTED, "domainColor": LINE, "tickColor": LINE, "gridColor": LINE, "labelFontSize": 11,
            "labelPadding": 6, "domain": False, "ticks": False,
        },
        "padding": 4,
    }  # fmt: skip
    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], format_locale=_D3_NUMBERS[language])
    head, rest = svg.split(">", 1)
    box = head.split('viewBox="')[1].split('"')[0]
    return f'<svg class="marks" viewBox="{box}" aria-hidden="true">{rest}'


def _point(day: date, **more: Any) -> dict[str, Any]:
    return {"day": day, **more}


def _milliseconds(day: date) -> int:
    """Midnight UTC: a chart of days must not shift with the zone of the machine."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def _thinned(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    step = -(-len(series) // MAX_POINTS)
    return series if step <= 1 else series[:-1][::step] + series[-1:]


def _pace_line(headline: dict[str, Any]) -> list[dict[str, Any]]:
    """From the newest value to where it has to be at the next milestone."""
    if not headline["required_pace"] or not headline["days_left"] or headline["days_left"] < 0 or headline["pace"] == "complete":
        return []
    start, days = headline["as_of_date"], int(headline["days_left"])
    return [
        _point(start, value=headline["value"]),
        _point(start + timedelta(days=days), value=headline["value"] + headline["required_pace"] * days),
    ]


def has_due_dates(page: Figures) -> bool:
    """Whether the chart shows a due date."""
    return bool(page.headline and len(page.series) > 1 and _due_days(page, page.series, _pace_line(page.headline)))


def _due_days(page: Figures, series: list[dict[str, Any]], pace: list[dict[str, Any]]) -> list[date]:
    """Due dates of the board's indicator that fall into the span of the chart or soon after it; equal days once."""
    end = max(series[-1]["as_of_date"], *(point["day"] for point in pace), date.min)
    start = series[0]["as_of_date"]
    last = max(end, series[-1]["as_of_date"] + timedelta(days=max((end - start).days, 14) // 2))
    board = page.campaign["board_indicator_id"]
    return sorted(
        {m["due_date"] for m in page.milestones if m["indicator_id"] == board and m["due_date"] and start <= m["due_date"] <= last}
    )


def _due_dates(page: Figures, series: list[dict[str, Any]], pace: list[dict[str, Any]], words: Words, narrow: bool) -> list[dict[str, Any]]:
    """Due dates as points with labels. Two labels closer than a label is wide would cover each other: the later one stays."""
    days = _due_days(page, series, pace)
    span = (max([series[-1]["as_of_date"], *days]) - series[0]["as_of_date"]).days
    points: list[dict[str, Any]] = []
    labelled: date | None = None
    for day in reversed(days):
        shown = labelled is None or (labelled - day).days >= span * (0.2 if narrow else 0.07)
        labelled = day if shown else labelled
        points.append(_point(day, text=words.day(day) if shown else ""))
    return points[::-1]
