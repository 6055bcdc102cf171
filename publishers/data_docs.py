"""Great Expectations Data Docs of the newest batches, for reading offline.

Great Expectations renders what it said of each suite (its renderer and its templates of sections). Its page around them loads styles
and scripts from other hosts, so the frame is ours: no script, no link to another host. A page follows from the validation alone and is
taken over from the build before, so a night renders, and imports Great Expectations for, what is new.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from publishers.page.language import words

HERE = Path(__file__).parent / "page" / "templates"
KEPT = 30  # validations that the docs of a campaign hold
FOLDER = "data_docs"
_SIGNS = {"fa-times": "×", "fa-check-circle": "✓", "fa-exclamation-triangle": "!"}


def build_data_docs(lake: Path, marts: Path, pages: Path, previous: Path | None = None) -> list[Path]:
    """Write `pages`/CAMPAIGN/data_docs/index.html and a page for each of the newest validations in `lake`; returns what was written.

    `previous`: the pages of the build before, from which pages of the same validation are copied. Nothing is written for a campaign
    without validations.
    """
    with duckdb.connect(str(marts), read_only=True) as con:
        campaigns = con.execute("select campaign_id, name_vi, name_en from dim_campaign order by campaign_id").fetchall()
        named = con.execute("select campaign_id, rule_id, name_vi, name_en from dim_rule order by all").fetchall()
    written: list[Path] = []
    for campaign_id, name_vi, name_en in campaigns:
        files = sorted((lake / "validations" / f"campaign_id={campaign_id}").glob("*.json"))[-KEPT:]
        if not files:
            continue
        rules = {rule: f"{vi} · {en} ({rule})" if vi != rule else rule for campaign, rule, vi, en in named if campaign == campaign_id}
        folder = pages / campaign_id / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        lines = []
        for file in reversed(files):
            document = json.loads(file.read_bytes())
            name = f"{file.stem}-{_digest(document, rules, name_vi)}.html"
            known = previous / campaign_id / FOLDER / name if previous else None
            if known and known.is_file():
                shutil.copyfile(known, folder / name)
            else:
                sections = [Markup(_rendered(suite, rules)) for suite in document["suites"]]
                _write(folder / name, "data_docs_batch.html", name_vi, name_en, batch_id=document["batch_id"], sections=sections)
            written.append(folder / name)
            lines.append(_line(document, name))
        written.append(_write(folder / "index.html", "data_docs.html", name_vi, name_en, lines=lines))
    return written


def _line(document: dict[str, Any], name: str) -> dict[str, Any]:
    results = [result for suite in document["suites"] for result in suite["results"]]
    rows = max((suite["rows"] for suite in document["suites"] if suite["relation"] == "context_rows"), default=0)
    failed = sum(not result["success"] for result in results)
    return {"page": name, "batch_id": document["batch_id"], "rows": rows, "rules": len(results), "failed": failed}


def _digest(document: dict[str, Any], rules: dict[str, str], name: str) -> str:
    """Of all that a page follows from."""
    frame = (HERE / "data_docs_batch.html").read_text(encoding="utf-8") + (HERE / "data_docs_base.html").read_text(encoding="utf-8")
    parts = [document, rules, name, version("great_expectations"), frame, Path(__file__).read_text(encoding="utf-8")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _rendered(suite: dict[str, Any], rules: dict[str, str]) -> str:
    """A suite's validation result as Great Expectations renders it, without what points elsewhere or differs between two renderings."""
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    results = [
        ExpectationValidationResult(
            success=result["success"],
            expectation_config=ExpectationConfiguration(
                type="unexpected_rows_expectation",
                kwargs={"unexpected_rows_query": result["query"]},
                meta={},
                description=rules.get(result["rule"].split("@")[0], result["rule"]).replace("$", "$$"),
            ),
            result={"observed_value": result["observed_value"], "details": {}},
            exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
        )
        for result in suite["results"]
    ]
    passed = sum(result["success"] for result in suite["results"])
    statistics = {
        "evaluated_expectations": len(results), "successful_expectations": passed, "unsuccessful_expectations": len(results) - passed,
        "success_percent": 100 * passed / len(results) if results else None,
    }  # fmt: skip
    validation = ExpectationSuiteValidationResult(
        success=suite["success"], results=results, suite_name=suite["relation"], statistics=statistics,
        meta={"run_id": {"run_name": suite["relation"], "run_time": "1970-01-01T00:00:00+00:00"}, "active_batch_definition": {}},
    )  # fmt: skip
    document = ValidationResultsPageRenderer().render(validation)
    for section in document.sections:
        section.content_blocks = [block for block in section.content_blocks if block.content_block_type != "collapse"]
    return _bare(DefaultJinjaPageView().render(document), suite["relation"])


def _bare(page: str, name: str) -> str:
    """The sections of a page of Great Expectations: signs as text instead of an icon font, no links, scripts, ids or inline styles."""
    start = page.index('<div id="section-1"')
    body = page[start : page.rindex("</div>", start, page.index("</body>"))]
    body = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->|<footer\b.*?</footer>", "", body, flags=re.DOTALL)
    for icon, sign in _SIGNS.items():
        body = re.sub(rf'<i class="[^"]*\b{icon}\b[^"]*"[^>]*>\s*</i>', f'<b class="{icon}">{sign}</b>', body)
    body = re.sub(r"</?a\b[^>]*>|<img\b[^>]*>|<link\b[^>]*>", "", body)
    body = re.sub(r'\s(?:id|style|data-[\w-]+|on\w+|aria-\w+)=(?:"[^"]*"|[^\s>]+)', "", body)
    return re.sub(r"\s*\n\s*", "\n", body).replace("Data asset: None", "").replace("section-", f"{name}-")


def _write(target: Path, template: str, name_vi: str, name_en: str, **more: Any) -> Path:
    env = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = env.get_template(template).render(vi=words("vi"), en=words("en"), name_vi=name_vi, name_en=name_en, **more)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target
