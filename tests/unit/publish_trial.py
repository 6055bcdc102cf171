"""A finished warehouse made by hand, as docs/data.md describes it: what the publishers' tests read.

Fifteen districts of one city, thirty days. Every number follows from a line below, so that a test can work it out.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

CAMPAIGN = "trial"
NAMES = (
    "Quận Hồng Bàng", "Quận Ngô Quyền", "Quận Lê Chân", "Quận Hải An", "Quận Kiến An", "Quận Đồ Sơn", "Quận Dương Kinh",
    "Huyện Thủy Nguyên", "Huyện An Dương", "Huyện An Lão", "Huyện Kiến Thụy", "Huyện Tiên Lãng", "Huyện Vĩnh Bảo",
    "Huyện Cát Hải", "Huyện Bạch Long Vĩ",
)  # fmt: skip

MARTS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"


def tables() -> dict[str, str]:
    """Mart -> its columns with their types, as the contracts of the warehouse have them."""
    models = [model for file in sorted(MARTS.glob("*.yml")) for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]
    return {model["name"]: ", ".join(f"{c['name']} {c['data_type']}" for c in model["columns"]) for model in models}


# District i (1..15) has target 1000 * i and on day d (0..29) the value floor(target * (0.30 + 0.05 * i) * (d + 1) / 30):
# on the last day district 14 stands at exactly 100 %, district 1 at 35 %, and district 15 has no target.
FILL = """
insert into {s}.dim_campaign (campaign_id, name_vi, name_en, about_vi, about_en, time_zone, starts_on, ends_on, board_indicator_id,
  board_level, rank_by, peer_group_by, is_simulated, horizon_at, horizon_date)
  values ('{c}', 'Kích hoạt tài khoản định danh', 'Activation of identity accounts', 'Chiến dịch thử.',
  'A trial campaign.', 'Asia/Ho_Chi_Minh', '2023-05-15', '2023-06-30', 'activated', 'district', 'attained_pct', 'level', true,
  timestamptz '2023-06-13 16:59:59+00', '2023-06-13');
insert into {s}.dim_level (campaign_id, level, depth, name_vi, name_en)
  values ('{c}', 'city', 1, 'Thành phố', 'City'), ('{c}', 'district', 2, 'Quận, huyện', 'District');
insert into {s}.dim_indicator (campaign_id, indicator_id, name_vi, name_en, kind, is_required, part_of, position)
  values ('{c}', 'activated', 'Tài khoản kích hoạt', 'Activated accounts', 'cumulative', true, 'received', 1),
  ('{c}', 'received', 'Hồ sơ đã nhận', 'Dossiers received', 'cumulative', false, null, 2);
insert into {s}.dim_tier (campaign_id, tier_id, name_vi, name_en, min_pct, position)
  values ('{c}', 'complete', 'Hoàn thành', 'Complete', 100, 1), ('{c}', 'fair', 'Khá', 'Fair', 40, 2),
  ('{c}', 'slow', 'Chậm', 'Slow', 0, 3);
insert into {s}.dim_unit (campaign_id, unit_code, unit_name, level, depth, parent_code, parent_name, path_name, kind, peer_group,
  opened_on, closed_on, is_discovered)
  values ('{c}', '31', 'Thành phố Hải Phòng', 'city', 1, null, null, 'Thành phố Hải Phòng', 'unit', null, null,
  null, false);
insert into {s}.dim_unit (campaign_id, unit_code, unit_name, level, depth, parent_code, parent_name, path_name, kind, peer_group,
  opened_on, closed_on, is_discovered)
  select '{c}', format('{{:03d}}', 300 + i), name, 'district', 2, '31', 'Thành phố Hải Phòng',
  'Thành phố Hải Phòng > ' || name, 'unit', null, null, null, false from trial_units;
insert into {s}.dim_milestone (campaign_id, milestone_id, level, name_vi, name_en, indicator_id, threshold_pct, threshold_value, due_at,
  due_date, consequence_vi, consequence_en)
  select '{c}', m.id, l.level, m.vi, m.en, 'activated', m.pct, null, m.due::timestamptz + interval '16:59:59',
  m.due, 'Phê bình trước hội nghị giao ban', 'Named at the weekly meeting'
  from (values ('m1', 'Mốc 1: 20 %', 'Milestone 1: 20 %', 20.0, date '2023-05-31'), ('m2', 'Mốc 2: 60 %', 'Milestone 2: 60 %', 60.0,
  date '2023-06-15'), ('m3', 'Mốc 3: 100 %', 'Milestone 3: 100 %', 100.0, date '2023-06-30')) m(id, vi, en, pct, due),
  (values ('city'), ('district')) l(level);
create temp table days as select d, date '2023-05-15' + d::integer as day from range(30) t(d);
create temp table fig as select i, code, name, d, day, target, floor(coalesce(target,
  900) * (0.30 + 0.05 * i) * (d + 1) / 30 + 1e-9) as value
  from (select i, format('{{:03d}}', 300 + i) as code, name, case when i < 15 then 1000.0 * i end as target from trial_units), days;
insert into {s}.progress (campaign_id, indicator_id, unit_code, as_of_date, level, value, value_basis, last_as_of_date, age_days,
  is_provisional, target, attained_pct, gap, increment_1d, increment_7d, actual_pace, next_milestone_id, days_left, required_pace,
  children_count, children_reporting)
  select '{c}', 'activated', code, day, 'district', value, 'reported', day, 0, false, target, 100 * value / target, target - value,
  null, null, null, 'm2', 2, (0.6 * target - value) / 2, 0, 0 from fig
  union all select '{c}', 'activated', '31', day, 'city', sum(value), 'children', day, 0, day = '2023-06-13', 105000, sum(value) / 1050,
  105000 - sum(value), null, null, sum(value) / (any_value(d) + 1), 'm3', 17, (105000 - sum(value)) / 17, 15, 14 from fig group by day;
insert into {s}.forecasts (campaign_id, indicator_id, unit_code, as_of_date, level, method, target_outlook, target_date, target_date_early,
  target_date_late, next_milestone_id, milestone_outlook, milestone_probability)
  values ('{c}', 'activated', '31', '2023-06-13', 'city', 'combined', 'forecast', '2023-07-02', '2023-06-27', '2023-07-20', 'm3',
  'forecast', 0.346);
insert into {s}.leaderboard (campaign_id, indicator_id, level, as_of_date, unit_code, unit_name, parent_code, peer_group, value, target,
  attained_pct, rank, ranked_count, rank_low, rank_high, previous_rank, rank_change, improvement_pct, improvement_rank, tier,
  tier_name_vi, tier_name_en, is_provisional, last_as_of_date, age_days, quality_grade, unranked_reason, position)
  select '{c}', 'activated', 'district', day, code, name, '31', null, value, target, 100 * value / target,
  case when target is not null then 1 + 14 - i end, 14, case when i < 15 then 15 - i end, case when i < 15 then least(14, 16 - i) end,
  case i when 15 then null when 14 then 2 when 13 then 1 else 15 - i end,
    case i when 15 then null when 14 then 1 when 13 then -1 else 0 end,
  null, null, case when i = 15 then null when i >= 14 then 'complete' when i > 1 then 'fair' else 'slow' end,
  case when i = 15 then null when i >= 14 then 'Hoàn thành' when i > 1 then 'Khá' else 'Chậm' end,
  case when i = 15 then null when i >= 14 then 'Complete' when i > 1 then 'Fair' else 'Slow' end,
  i = 3, case when i = 3 then date '2023-06-11' else day end, case when i = 3 then 2 else 0 end,
  ['A', 'B', 'C'][1 + i % 3], case when i = 15 then 'no_target' end, case when i = 15 then 15 else 15 - i end
  from fig where d >= 28;
insert into {s}.milestones (campaign_id, milestone_id, unit_code, level, indicator_id, threshold_pct, threshold_value, due_at,
  first_known_at, reached_on, status, days_early, value, target, attained_pct, consequence_vi, consequence_en)
  select '{c}', m.milestone_id, f.code, 'district', 'activated', m.threshold_pct, m.threshold_pct * f.target / 100,
  m.due_at, case when f.value >= m.threshold_pct * f.target / 100 then timestamptz '2023-06-05 10:00:00+00' end,
  case when f.value >= m.threshold_pct * f.target / 100 then date '2023-06-05' end,
  case when f.target is null then 'no_target' when f.value >= m.threshold_pct * f.target / 100 then
    case when m.due_date < '2023-06-05' then 'reached_late' else 'reached_early' end
    when m.due_date < '2023-06-13' then 'missed' when i > 6 then 'on_track' else 'at_risk' end,
  case when f.value >= m.threshold_pct * f.target / 100 then m.due_date - date '2023-06-05' end, f.value, f.target,
  100 * f.value / f.target, m.consequence_vi, m.consequence_en
  from fig f, {s}.dim_milestone m where f.d = 29 and m.level = 'district';
insert into {s}.milestones (campaign_id, milestone_id, unit_code, level, indicator_id, threshold_pct, threshold_value, due_at,
  first_known_at, reached_on, status, days_early, value, target, attained_pct, consequence_vi, consequence_en)
  select '{c}', m.milestone_id, '31', 'city', 'activated', m.threshold_pct, m.threshold_pct * 1050, m.due_at,
  null, null,
  'at_risk', null, null, 105000, null, m.consequence_vi, m.consequence_en from {s}.dim_milestone m where m.level = 'city';
insert into {s}.dim_slot (campaign_id, slot_id, level, slot_name, slot_date, cutoff_at, closes_at, is_closed)
  select '{c}', 'daily/' || day, 'district', 'daily', day, day::timestamp::timestamptz + interval '10 hours',
  day::timestamp::timestamptz + interval '10 hours', true from days
  union all select '{c}', 'daily/2023-06-14', 'district', 'daily', '2023-06-14', timestamptz '2023-06-14 10:00:00+00',
  timestamptz '2023-06-14 10:00:00+00', false;
insert into {s}.fct_slot_status (campaign_id, unit_code, slot_id, level, slot_date, cutoff_at, closes_at, is_owed,
  status, first_received_at, first_valid_at, minutes_late, version_count, exempt_reason) select '{c}', code, 'daily/' || day, 'district',
    day, day::timestamp::timestamptz + interval '10 hours',
  day::timestamp::timestamptz + interval '10 hours', true,
  case when i = 15 then 'exempt' when (i * 7 + d) % 31 = 0 then 'missing' when (i * 5 + d) % 23 = 0 then 'late'
    when (i + d * 3) % 37 = 0 then 'invalid' else 'on_time' end,
  null, null, case when (i * 5 + d) % 23 = 0 then 95.0 end, 1, case when i = 15 then 'Đảo xa, mất liên lạc' end from fig where d < 29;
insert into {s}.fct_slot_status (campaign_id, unit_code, slot_id, level, slot_date, cutoff_at, closes_at, is_owed,
  status, first_received_at, first_valid_at, minutes_late, version_count, exempt_reason) select '{c}', code, 'daily/2023-06-13',
    'district', date '2023-06-13', timestamptz '2023-06-13 10:00:00+00',
  timestamptz '2023-06-13 10:00:00+00', true, case i when 2 then 'late' when 5 then 'late' when 3 then 'missing' when 9 then 'invalid'
  when 15 then 'exempt' else 'on_time' end, null, null, case i when 2 then 95.0 when 5 then 12.0 end, 1, null from fig where d = 29;
insert into {s}.reporting (campaign_id, unit_code, period_kind, period, level, first_date, last_date, slots_owed, on_time, late,
  invalid, missing, exempt, unsolicited, rate_pct) select '{c}', unit_code, 'campaign', 'all', 'district', min(slot_date), max(slot_date),
  count(*) filter (status <> 'exempt'), count(*) filter (status = 'on_time'), count(*) filter (status = 'late'),
  count(*) filter (status = 'invalid'), count(*) filter (status = 'missing'), count(*) filter (status = 'exempt'), 0,
  100.0 * count(*) filter (status = 'on_time') / nullif(count(*) filter (status <> 'exempt'), 0) from {s}.fct_slot_status
  where campaign_id = '{c}' group by unit_code;
insert into {s}.data_quality (campaign_id, unit_code, period_kind, period, correct, sufficient, clean, live, worst, worst_dimension,
  quality_grade) select '{c}', code, 'campaign', 'all', 1 - i / 100.0, 0.98, 1.0, 0.9, 0.9, 'live', ['A', 'B',
    'C'][1 + i % 3] from fig where d = 29;
insert into {s}.dim_rule (campaign_id, rule_id, dimension, severity, responsibility, place, rule_version, is_on, message_vi, message_en,
  remedy_vi, remedy_en, params) values ('{c}', 'cumulative_fall', 'correct', 'hold', 'sender', 'gate', 'v1', true, 'Số lũy kế giảm',
  'A cumulative figure fell',
  'Gửi bản đính chính', 'Send a correction', '{{}}'), ('{c}', 'unknown_unit', 'clean', 'reject', 'sender', 'gate', 'v1', true,
  'Không rõ đơn vị', 'Unknown unit', 'Sửa mã đơn vị', 'Mend the code', '{{}}');
insert into {s}.fct_findings by name select 'f' || i as finding_id, 'b1' as batch_id, '{c}' as campaign_id, 'cumulative_fall' as rule_id,
  'correct' as dimension, 'hold' as severity, 'sender' as responsibility, code as unit_code, name as unit_name,
    'activated' as indicator_id,
  'daily/2023-06-13' as slot_id, 'Số lũy kế giảm từ 4.100 xuống 3.900' as message_vi,
    'The cumulative figure fell from 4,100 to 3,900' as message_en,
  'Gửi bản đính chính có đánh dấu' as remedy_vi, 'Send a correction marked as one' as remedy_en,
  timestamptz '2023-06-13 09:00:00+00' as found_at, 'gate' as place, 'baocao.csv' as file_name, 4 as row_number from fig where d = 29
    and i in (9, 4);
insert into {s}.fct_findings by name select 'f_old' as finding_id, 'b0' as batch_id, '{c}' as campaign_id, 'unknown_unit' as rule_id,
  'clean' as dimension, 'reject' as severity, 'Không rõ đơn vị cũ' as message_vi, 'An old finding' as message_en, '' as remedy_vi,
    '' as remedy_en,
  timestamptz '2023-05-20 09:00:00+00' as found_at, 'gate' as place;
insert into {s}.fct_findings by name select 'f_done' as finding_id, 'b1' as batch_id, '{c}' as campaign_id, 'cumulative_fall' as rule_id,
  'correct' as dimension, 'hold' as severity, 'hold' as effect, 'released' as hold_status, '308' as unit_code,
  'Huyện Thủy Nguyên' as unit_name, 'Số lũy kế giảm từ 2 xuống 1' as message_vi, 'The cumulative figure fell from 2 to 1' as message_en,
  '' as remedy_vi, '' as remedy_en, timestamptz '2023-06-12 09:00:00+00' as found_at, 'gate' as place
  union all by name select 'f_flag' as finding_id, '{c}' as campaign_id, 'outlier_jump' as rule_id, 'correct' as dimension,
  'flag' as severity, 'flag' as effect, '308' as unit_code, 'Huyện Thủy Nguyên' as unit_name, 'Tăng nhiều' as message_vi,
  'A jump' as message_en, '' as remedy_vi, '' as remedy_en, timestamptz '2023-06-12 09:00:00+00' as found_at, 'gate' as place;
insert into {s}.fct_restatements by name select '{c}' as campaign_id, 'activated' as indicator_id, '304' as unit_code,
  timestamp '2023-06-10' as as_of,
  2 as version, date '2023-06-10' as as_of_date, 2100.0 as old_value, 2050.0 as new_value, -50.0 as change,
  timestamptz '2023-06-12 03:00:00+00' as restated_at, true as is_declared;
insert into {s}.recount_queue by name select '{c}' as campaign_id, code as unit_code, name as unit_name,
  16 - i as position, i * 5.0 as score, i = 4 as is_by_lot, 'tăng ' || i || ' lần' as reasons_vi, 'grew ' || i || ' times' as reasons_en
  from fig where d = 29;
insert into {s}.verification_factors by name select '{c}' as campaign_id, 'activated' as indicator_id, '31' as unit_code,
  2 as units_recounted, 1550.0 as reported_value, 1340.0 as recounted_value, 1340 / 1550.0 as verification_factor;
insert into {s}.silent by name select '{c}' as campaign_id, 'daily/2023-06-13' as slot_id, '303' as unit_code,
  'Quận Lê Chân' as unit_name, 'district' as level, 2 as slots_silent, 'missing' as reason, date '2023-06-11' as last_good_on;
insert into {s}.holds by name select '{c}' as campaign_id, 'h1' as hold_id, '309' as unit_code, 'Huyện An Dương' as unit_name,
  'open' as status, 'baocao.csv' as file_name, 1 as rows_held, timestamptz '2023-06-13 09:00:00+00' as received_at,
  'cumulative_fall' as rules union all by name select '{c}' as campaign_id, 'h2' as hold_id, 'released' as status;
insert into {s}.parent_sums (campaign_id, indicator_id, unit_code, as_of_date, reported_value, children_sum, difference, children_count,
  children_reporting)
  values ('{c}', 'activated', '31', '2023-06-13', 66000, 65000, 1000, 15, 14);
insert into {s}.reconciliation (batch_id, campaign_id, files, files_unreadable, files_duplicate, rows_received, rows_accepted, rows_held,
  rows_rejected, rows_duplicate, difference, is_balanced, first_received_at, last_received_at)
  values ('b0', '{c}', 10, 0, 1, 150, 140, 2, 3, 5, 0, true, timestamptz '2023-05-20 01:00:00+00',
  timestamptz '2023-05-20 09:00:00+00'), ('b1', '{c}', 5, 1, 0, 70, 66, 2, 1, 1, 0, true, timestamptz '2023-06-13 01:00:00+00',
  timestamptz '2023-06-13 09:00:00+00');
insert into {s}.fct_figures by name select '{c}' as campaign_id, 'activated' as indicator_id, code as unit_code, day::timestamp as as_of,
  day as as_of_date, value, 'value' as cell from fig;
drop table days; drop table fig;
"""


def make_warehouse(path: Path, campaigns: tuple[str, ...] = (CAMPAIGN,), also: str = "") -> Path:
    """A DuckDB file with every mart and comments; `also` is SQL run at the end (schema `marts`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("set TimeZone = 'UTC'; create schema marts")
        con.execute("create temp table trial_units as select unnest(range(1, 16)) as i, unnest($names) as name", {"names": list(NAMES)})
        for table, columns in tables().items():
            con.execute(f"create table marts.{table} ({columns})")
            con.execute(f"comment on table marts.{table} is 'One row per grain of {table}; it''s a trial.'")
        con.execute("comment on column marts.leaderboard.rank is 'Thứ hạng: 1 + số đơn vị tốt hơn.'")
        for campaign in campaigns:
            con.execute(FILL.format(s="marts", c=campaign))
        if also:
            con.execute(also)
    return path
