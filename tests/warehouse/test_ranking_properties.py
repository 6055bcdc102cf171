"""What holds of any board: the order of what came in does not matter, and who is outside a peer group changes nothing inside it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from tiny_lake import House, campaign_row, daily_slots, day, figure, indicator, submission, unit

LEVELS = [{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "district", "commune"), 1)]
DAYS = 4
Lists = dict[str, list[dict[str, Any]]]


def lists(files: str, *outsiders: str) -> Lists:
    """Communes a1..a7 of A and b1..b5 of B over four days, with ties; `outsiders` are communes of B that are far ahead of all.

    `files` begins the name of every file.
    """
    chance = random.Random(7)
    communes = [(f"a{n}", "A") for n in range(1, 8)] + [(f"b{n}", "B") for n in range(1, 6)] + [(code, "B") for code in outsiders]
    given: Lists = {
        "units": [unit("C", "city", None), *[unit(code, "district", "C") for code in "AB"], *[unit(c, "commune", p) for c, p in communes]],
        "targets": [], "figures": [], "submissions": [],
    }  # fmt: skip
    for code, _ in communes:
        given["targets"].append({"indicator_id": "done", "unit_code": code, "target": 100.0, "valid_from": day("2023-06-01")})
        level = 0
        for n in range(1, DAYS + 1):
            level += 30 if code in outsiders else chance.randint(0, 4) * 5
            file, at, came = f"{files}{n}{code}", f"2023-06-0{n} 08:00", f"2023-06-0{n} 10:{chance.randint(0, 59):02d}"
            given["figures"].append(figure(file, code, float(level), at, came))
            given["submissions"].append(submission(file, code, f"daily/2023-06-0{n}", came))
    return given


def prepare(house: House, campaign_id: str, given: Lists) -> None:
    house.write_register(
        campaign_id, levels=LEVELS, indicators=[indicator()], units=given["units"], targets=given["targets"],
        campaigns=[campaign_row(f"2023-06-0{DAYS} 23:59:59", peer_group_by="parent")], slots=daily_slots("2023-06-01", DAYS, "commune"),
    )  # fmt: skip
    house.write_batch(campaign_id, f"b_{campaign_id}", figures=given["figures"], submissions=given["submissions"])


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    house = House(tmp_path_factory.mktemp("ranking"))
    prepare(house, "plain", lists("p"))
    shuffled = lists("s")
    for rows in shuffled.values():
        random.Random(8).shuffle(rows)
    prepare(house, "shuffled", shuffled)
    prepare(house, "more", lists("m", "z1", "z2"))
    house.build("nightly").close()
    with duckdb.connect(str(house.warehouse("nightly")), read_only=True) as connection:
        yield connection


def board(marts: duckdb.DuckDBPyConnection, campaign_id: str, where: str = "true") -> list[tuple[Any, ...]]:
    return marts.execute(
        f"""select * exclude (campaign_id) from marts.leaderboard where campaign_id = '{campaign_id}' and {where}
            order by level, as_of_date, unit_code"""
    ).fetchall()


def test_the_board_does_not_depend_on_the_order_of_what_came_in(marts: duckdb.DuckDBPyConnection) -> None:
    assert len(board(marts, "plain", "level = 'commune'")) == 12 * DAYS
    assert board(marts, "shuffled") == board(marts, "plain")


def test_a_unit_outside_a_peer_group_changes_nothing_inside_it(marts: duckdb.DuckDBPyConnection) -> None:
    inside = board(marts, "plain", "level = 'commune' and peer_group = 'A'")
    assert len(inside) == 7 * DAYS
    assert board(marts, "more", "level = 'commune' and peer_group = 'A'") == inside
    ahead = "select unit_code, rank from marts.leaderboard where campaign_id = 'more' and as_of_date = '2023-06-04' and peer_group = 'B'"
    assert sorted(marts.execute(f"{ahead} and rank = 1").fetchall()) == [("z1", 1), ("z2", 1)]


def test_a_rank_is_one_more_than_the_units_that_are_better_in_the_group(marts: duckdb.DuckDBPyConnection) -> None:
    given = lists("p")
    value = {f["unit_code"]: f["value"] for f in given["figures"] if f["as_of_date"] == day(f"2023-06-0{DAYS}")}
    parent = {u["unit_code"]: u["parent_code"] for u in given["units"]}
    expected = {code: 1 + sum(parent[other] == parent[code] and value[other] > value[code] for other in value) for code in value}
    assert len(set(expected.values())) < len(expected)  # there are ties
    on = f"level = 'commune' and as_of_date = '2023-06-0{DAYS}'"
    found = marts.execute(f"select unit_code, rank from marts.leaderboard where campaign_id = 'plain' and {on}")
    assert dict(found.fetchall()) == expected
