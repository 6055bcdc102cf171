"""`tiendo rules list | explain | lint | coverage | replay | activity`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from tiendo.cli.console import Context, day, err, known_campaign, number, out, query, table, with_places
from tiendo.errors import NotFoundError

SEVERITY_VI = {"reject": "loại", "hold": "treo", "flag": "đánh dấu"}
RESPONSIBLE_VI = {"sender": "nơi gửi", "register": "danh mục đơn vị", "us": "chúng tôi"}
PLACE_VI = {"gate": "khi nhận", "warehouse": "khi kỳ đã đóng", "file": "khi mở tệp"}


@click.group()
def rules() -> None:
    """The rule catalogue: what is checked, whether the rules are sound, what a change of them would do."""


@rules.command("list")
@click.option("--campaign", "campaign_id", metavar="CAMPAIGN", help="As this campaign has them: tuned, on or off.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document for programs.")
@with_places
def list_rules(context: Context, campaign_id: str | None, as_json: bool) -> None:
    """One line per rule (and version): dimension, severity, whom it falls to, where it runs, state, name."""
    editions = _editions(context, campaign_id)
    if as_json:
        click.echo(json.dumps([_as_data(rule) for rule in editions], ensure_ascii=False, indent=2))
        return
    headings = context.say("Quy tắc|Chiều|Mức|Ai sửa|Ở đâu|Trạng thái|Tên", "Rule|Dimension|Severity|Mended by|Where|State|Name").split("|")
    rows = [
        [rule.edition, rule.dimension, rule.severity, rule.responsibility, rule.place, _state(context, rule), _name(context, rule)]
        for rule in editions
    ]
    caption = context.say("{} quy tắc. Chi tiết: tiendo rules explain QUY_TẮC", "{} rules. More: tiendo rules explain RULE")
    table(context.say("Bộ quy tắc", "Rules"), [(h, "left") for h in headings], rows, caption.format(len({r.id for r in editions})))


@rules.command()
@click.argument("rule_id", metavar="RULE")
@click.option("--campaign", "campaign_id", metavar="CAMPAIGN", help="As this campaign has it.")
@with_places
def explain(context: Context, rule_id: str, campaign_id: str | None) -> None:
    """Everything about RULE in both languages, how the campaign tuned it, and an example of its message."""
    from expectations.samples import sample_message
    from tiendo.campaign_file import did_you_mean

    editions = [rule for rule in _editions(context, campaign_id) if rule.id == rule_id]
    if not editions:
        known = sorted({rule.id for rule in _editions(context, None)})
        raise NotFoundError(f"no rule '{rule_id}'", way_out=f"`tiendo rules list` names them{did_you_mean(rule_id, known)}")
    for rule in editions:
        out.print(f"[bold]{rule.edition}[/bold]  {rule.name.vi if rule.name else ''} / {rule.name.en if rule.name else ''}")
        facts = [
            ("chiều / dimension", rule.dimension),
            ("mức / severity", f"{SEVERITY_VI[rule.severity]} / {rule.severity}" + (f" (lane {rule.lane})" if rule.lane else "")),
            ("ai sửa / mended by", f"{RESPONSIBLE_VI[rule.responsibility]} / {rule.responsibility}"),
            ("ở đâu / where", f"{PLACE_VI[rule.place]} / {rule.place}" + (f", over {rule.over}" if rule.over else "")),
            ("trạng thái / state", _state(context, rule)),
            ("hiệu lực / in effect", _span(context, rule)),
            ("điều kiện / fails where", " ".join(rule.fails.split()) or "-"),
            ("tham số / params", ", ".join(f"{name} = {value}" for name, value in rule.params.items()) or "-"),
            ("giá trị thiếu / missing value", rule.missing_value),
            ("phiên bản / version", rule.version),
            ("giải thích", rule.explanation.vi),
            ("explanation", rule.explanation.en),
            ("ví dụ / example", str(rule.example)),
            ("thông báo mẫu", sample_message(rule, "vi")),
            ("sample message", sample_message(rule, "en")),
        ]
        for what, said in facts:
            out.print(f"  {what}: {said}", markup=False, soft_wrap=True)


@rules.command()
@with_places
def lint(context: Context) -> None:
    """Try every rule: complete, NFC, both languages render, columns exist, SQL runs over real relations; exit 1 if one does not."""
    from pipeline.rules import lint_catalogue

    _verdict(context, *lint_catalogue(), context.say("{} quy tắc đều đạt", "{} rules are sound"))


@rules.command()
@with_places
def coverage(context: Context) -> None:
    """Whether every rule has a passing and a failing fixture that the tests run; exit 1 if one has not."""
    from pipeline.rules import coverage as covered

    _verdict(context, *covered(), context.say("{} quy tắc đều có mẫu đạt và mẫu sai", "{} rules have a passing and a failing fixture"))


@rules.command()
@click.option("--base", required=True, metavar="REV", help="The old rules: a git revision, or a folder of rules.")
@click.option("--campaign", "campaign_id", metavar="CAMPAIGN", help="Only this one; default: all campaigns with files in the landing.")
@click.option("--limit", type=click.IntRange(min=0), default=0, show_default=True, help="Rows that may newly be kept out; exit 1 above.")
@with_places
def replay(context: Context, base: str, campaign_id: str | None, limit: int) -> None:
    """Run the rules of REV and those of today over all that is archived, without touching it, and print who would newly fail."""
    from pipeline.replay import replay as replayed

    receipts = context.settings.landing / "receipts"
    archived = sorted(path.name.removeprefix("campaign_id=") for path in receipts.glob("campaign_id=*")) if receipts.is_dir() else []
    ids = [campaign_id] if campaign_id else archived
    if not ids:
        raise NotFoundError("nothing is archived", where=str(receipts), way_out="Run `tiendo run CAMPAIGN` first, or name the --home")
    kept_out = 0
    for each in ids:
        result = replayed(context.settings, each, base)
        kept_out += result.newly_kept_out
        _tell_replay(context, result)
    if kept_out > limit:
        said = context.say(
            "{} dòng sẽ mới bị treo hoặc bị loại, quá giới hạn {}", "{} rows would newly be held or rejected, above the limit of {}"
        )
        err.print(said.format(number(kept_out, context.lang), number(limit, context.lang)), style="red")
        sys.exit(1)


@rules.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--all", "show_all", is_flag=True, help="Also the rules with nothing to report.")
@with_places
def activity(context: Context, campaign_id: str, show_all: bool) -> None:
    """Which rules of CAMPAIGN find nobody, or everybody, or were never applied, over the last 30 slots: rules get checked too."""
    campaign = known_campaign(context, campaign_id)
    rows = query(
        context,
        """select a.*, r.name_vi, r.name_en from marts.rule_activity as a join marts.dim_rule as r using (campaign_id, rule_id)
           where a.campaign_id = ? order by a.verdict = 'ok', a.verdict, a.rule_id""",
        [campaign_id],
    )
    shown = [row for row in rows if show_all or row["verdict"] != "ok"]
    headings = context.say(
        "Quy tắc|Nhận định|Đã xét|Sai|Báo cáo xét (30 kỳ)|Báo cáo sai|Đơn vị sai|Lần đầu|Lần cuối|Tên",
        "Rule|Verdict|Checks|Failures|Reports judged (30 slots)|Reports failing|Units failing|First|Last|Name",
    ).split("|")
    table(
        f"{campaign[f'name_{context.lang}']} · " + context.say("hoạt động của các quy tắc", "activity of the rules"),
        [(h, "right" if 2 <= n <= 6 else "left") for n, h in enumerate(headings)],
        [
            [
                row["rule_id"], _verdict_words(context, row["verdict"]),
                *[number(row[key], context.lang) for key in
                  ("checks_applied", "checks_failed", "recent_judged", "recent_failed", "units_failing")],
                day(row["first_fired_on"], context.lang), day(row["last_fired_on"], context.lang), row[f"name_{context.lang}"],
            ]
            for row in shown
        ],
        context.say("{} quy tắc không có gì cần nêu", "{} rules with nothing to report").format(len(rows) - len(shown)),
    )  # fmt: skip


def _verdict_words(context: Context, verdict: str) -> str:
    words = {
        "fails_all": ("sai với tất cả", "fails for everybody"), "passes_all": ("không tìm thấy ai", "finds nobody"),
        "never_applied": ("chưa từng được xét", "was never applied"), "off": ("tắt", "off"),
        "too_early": ("còn quá sớm", "too early to say"),
        "ok": ("bình thường", "ok"),
    }  # fmt: skip
    return words[verdict][context.lang == "en"]


def _tell_replay(context: Context, result: Any) -> None:
    title = context.say("{}: {} tệp, {} dòng", "{}: {} files, {} rows")
    headings = context.say(
        "Quy tắc|Mới sai|Không còn sai|Đơn vị mới sai|Đơn vị không còn sai", "Rule|Newly fail|No longer|Units newly|Units no longer"
    )
    table(
        title.format(result.campaign_id, number(result.files, context.lang), number(result.rows, context.lang)),
        [(h, "right" if n in (1, 2) else "left") for n, h in enumerate(headings.split("|"))],
        [
            [c.rule_id, *[number(n, context.lang) for n in (c.newly, c.no_longer)], _listed(c.newly_units), _listed(c.no_longer_units)]
            for c in result.rules
        ],
        "" if result.rules else context.say("Không có gì thay đổi", "Nothing changes"),
    )
    for old, new, count in result.lanes:
        out.print(context.say("{} dòng: {} → {}", "{} rows: {} → {}").format(number(count, context.lang), old, new))
    for line in dict.fromkeys(result.said):
        err.print(line, markup=False, style="yellow")


def _listed(units: list[str]) -> str:
    return ", ".join(units[:8]) + (f" … +{len(units) - 8}" if len(units) > 8 else "")


def _editions(context: Context, campaign_id: str | None) -> list[Any]:
    from expectations.catalogue import load_catalogue, tune
    from tiendo.campaign_file import load_campaign

    found = tune(load_campaign(context.settings, campaign_id)).rules if campaign_id else load_catalogue()
    dimensions = ("correct", "sufficient", "clean", "live")
    return sorted(found, key=lambda rule: (dimensions.index(rule.dimension), rule.edition))


def _as_data(rule: Any) -> dict[str, Any]:
    return {"edition": rule.edition, "version": rule.version} | rule.model_dump(mode="json")


def _state(context: Context, rule: Any) -> str:
    if not rule.on:
        return context.say("tắt", "off")
    return context.say("chạy thử", "on trial") if rule.shadow else context.say("bật", "on")


def _name(context: Context, rule: Any) -> str:
    return str(getattr(rule.name, context.lang)) if rule.name else ""


def _span(context: Context, rule: Any) -> str:
    first = day(rule.effective_from, context.lang) or context.say("từ đầu", "from the beginning")
    last = day(rule.effective_to, context.lang) or context.say("đến khi có thay đổi", "until further notice")
    period = context.say("theo ngày của số liệu", "by the day of the figures")
    by = context.say("theo ngày đến", "by arrival") if rule.effective_by == "arrival" else period
    return f"{first} – {last} ({by})"


def _verdict(context: Context, count: int, faults: list[str], fine: str) -> None:
    if not count:
        faults = [*faults, "there is no rule to check"]
    for fault in faults:
        err.print(fault, markup=False, style="red")
    if faults:
        sys.exit(1)
    out.print(fine.format(number(count, context.lang)))
