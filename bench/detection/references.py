"""What others do, from their published formulas and in our own words, vectorised: each scores a point against its window.

A window is a row of increments, oldest first; NaN is no report. Scores are at or above the threshold where the tool would flag. Windows end
with the tested point, because these tools leave it in its own baseline.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.detection.panels import Panel, increments

Array = np.ndarray


@dataclass(frozen=True)
class Reference:
    """`score(windows [n, w], points [n])` -> [n]; `window`: slots that end with the tested one, 0: the whole series."""

    id: str
    label: str
    score: Callable[[Array, Array], Array]
    threshold: float
    window: int


def z_score(windows: Array, points: Array) -> Array:
    """|point - mean| / standard deviation of the population.

    DHIS2, Web API, data validation, outlier detection, algorithm Z_SCORE: "the absolute deviation between the score and mean divided by
    the standard deviation"; threshold 3.0 by default; the data that give mean and deviation hold the point. 0 where nothing varies.
    """
    return _over(np.abs(points - _mean(windows)), _deviation(windows, 0))


def modified_z_score(windows: Array, points: Array) -> Array:
    """0.6745 x |point - median| / median absolute deviation (Iglewicz and Hoaglin 1993).

    DHIS2, algorithm MODIFIED_Z_SCORE, threshold 3.0 by default as for the z-score; WHO's data quality tool: 3.5. 0 where the median
    deviation is 0: neither tool gives a score there.
    """
    middle = _quiet(np.nanmedian, windows)
    spread = _quiet(np.nanmedian, np.abs(windows - middle[:, None]))
    return _over(0.6745 * np.abs(points - middle), spread)


def min_max(windows: Array, points: Array) -> Array:
    """How many standard deviations the point lies outside of... its bounds are mean -+ 2, rounded to whole numbers, never below 0.

    DHIS2, min-max generation ("data analysis std dev factor", 2 by default): lower = max(0, round(mean - 2 sd)), upper =
    round(mean + 2 sd). The score is the distance from the mean in units of the half width of the bound on that side times 2, so that 2 is
    just outside. A point below a lower bound of 0 is outside as well: an increment cannot be negative.
    """
    mean, deviation = _mean(windows), _deviation(windows, 0)
    upper, lower = np.round(mean + 2 * deviation), np.maximum(0, np.round(mean - 2 * deviation))
    above = _over(2 * (points - mean), upper - mean)
    below = _over(2 * (mean - points), mean - lower)
    outside = (points > upper) | (points < lower)
    score = np.where(points >= mean, above, below)
    return np.where(outside, np.maximum(score, 2), np.minimum(score, np.nextafter(2, 0)))


def who_three_sd(windows: Array, points: Array) -> Array:
    """|point - mean| / standard deviation of the sample: WHO, Data quality review, extreme outliers are at least 3 of them away."""
    return _over(np.abs(points - _mean(windows)), _deviation(windows, 1))


def elementary(windows: Array, points: Array) -> Array:
    """(point - average) / standard deviation of the training set; at least 7 values, else no score.

    elementary, "Data anomaly detection method": standard score, anomaly_sensitivity 3; the detection period is part of the training
    set unless exclude_detection_period_from_training is set. training_period is 14 days by default.
    """
    enough = (~np.isnan(windows)).sum(axis=1) >= 7
    return np.where(enough, who_three_sd(windows, points), 0.0)


REFERENCES = [
    Reference("dhis2_z", "DHIS2 z 3, last 30", z_score, 3.0, 30),
    Reference("dhis2_z_whole", "DHIS2 z 3, whole series", z_score, 3.0, 0),
    Reference("dhis2_modified_z", "DHIS2 modified z 3", modified_z_score, 3.0, 30),
    Reference("dhis2_min_max", "DHIS2 min-max", min_max, 2.0, 30),
    Reference("who_3sd", "WHO 3 SD", who_three_sd, 3.0, 30),
    Reference("who_modified_z", "WHO modified z 3.5", modified_z_score, 3.5, 30),
    Reference("elementary_28", "elementary 28", elementary, 3.0, 28),
    Reference("elementary_14", "elementary 14", elementary, 3.0, 14),
]


def tested_series(panel: Panel, values: Array) -> Array:
    """What is tested: [indicator, ..., slot] increments of cumulative indicators, and increment indicators as they are."""
    return np.stack(
        [increments(values[n]) if indicator.kind == "cumulative" else values[n] for n, indicator in enumerate(panel.indicators)]
    )


def scores_at(reference: Reference, series: Array, slots: Array) -> Array:
    """Relative scores (1 = the threshold) of `series` [n, slot] at one slot each, `slots` [n]; 0 where there is no point."""
    length = series.shape[1]
    points = series[np.arange(len(series)), slots]
    if reference.window:
        at = slots[:, None] - np.arange(reference.window - 1, -1, -1)[None, :]
        windows = np.where(at >= 0, np.take_along_axis(series, np.clip(at, 0, length - 1), axis=1), np.nan)
    else:
        windows = series
    found = reference.score(windows, points) / reference.threshold
    return np.where(np.isnan(points) | np.isnan(found), 0.0, found)


def panel_scores(reference: Reference, panel: Panel) -> Array:
    """[unit, slot] relative scores of the true panel, the worst of its indicators; 0 outside of the tested slots."""
    series = tested_series(panel, panel.values)
    found = np.zeros(panel.values.shape[1:])
    units = np.arange(len(panel.codes))
    for at in range(panel.first, panel.last + 1):
        for rows in series:
            found[units, at] = np.maximum(found[units, at], scores_at(reference, rows, np.full(len(units), at)))
    return found


def _over(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0)


def _mean(windows: Array) -> Array:
    return _quiet(np.nanmean, windows)


def _deviation(windows: Array, lost: int) -> Array:
    return _quiet(np.nanstd, windows, ddof=lost)


def _quiet(function: Callable[..., Array], windows: Array, **options: int) -> Array:
    """A window without any value has no mean; that is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return function(windows, axis=1, **options)
