"""A finished warehouse made by hand, as docs/data.md describes it: what the publishers' tests read.

Fifteen districts of one city, thirty days. Every number follows from a line below, so that a test can work it out.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

CAMPAIGN = "trial"
NAMES = (
    "Quận Hồng Bàng", "Quận Ngô Quyền", "Quận Lê Chân", "Quận Hải An", "Quận Kiến An", "Quận Đồ Sơn", "Quận Dương Kinh",
    "Huyện Thủy Nguyên", "Huyện An Dương", "Huyện An Lão", "Huyện Kiến Thụy", "Huyện Tiên Lãng", "Huyện Vĩnh Bảo",
    "Huyện Cát Hải", "Huyện Bạch Long Vĩ",
)  # fmt: skip

_HOLD = "rows_received bigint, rows_accepted bigint, rows_held bigint, rows_rejected bigint, rows_duplicate bigint"
TABLES = {
    "dim_campaign": "campaign_id text, name_vi text, name_en text, about_vi text, about_en text, time_zone text, starts_on date,"
    " ends_on date, board_indicator_id text, board_level text, rank_by text, peer_group_by text, is_simulated boolean,"
    " horizon_at timestamptz, horizon_date date",
    "dim_level": "campaign_id text, level text, depth integer, name_vi text, name_en text",
    "dim_unit": "campaign_id text, unit_code text, unit_name text, level text, depth integer, parent_code text, parent_name text,"
    " path_name text, kind text, peer_group text, opened_on date, closed_on date, is_discovered boolean",
    "dim_indicator": "campaign_id text, indicator_id text, name_vi text, name_en text, kind text, is_required boolean, part_of text,"
    " position integer",
    "dim_milestone": "campaign_id text, milestone_id text, level text, name_vi text, name_en text, indicator_id text,"
    " threshold_pct double, threshold_value double, due_at timestamptz, due_date date, consequence_vi text, consequence_en text",
    "dim_tier": "campaign_id text, tier_id text, name_vi text, name_en text, min_pct double, position integer",
    "dim_slot": "campaign_id text, slot_id text, level text, slot_name text, slot_date date, cutoff_at timestamptz,"
    " closes_at timestamptz, is_closed boolean",
    "dim_rule": "campaign_id text, rule_id text, dimension text, severity text, responsibility text, place text, rule_version text,"
    " is_on boolean, message_vi text, message_en text, remedy_vi text, remedy_en text, params text, name_vi text, name_en text,"
    " is_shadow boolean, effective_from date, explanation_vi text, explanation_en text",
    "dim_rule_version": "campaign_id text, edition text, rule_id text, rule_version text, severity text, is_on boolean, is_shadow boolean,"
    " effective_from date, effective_to date, params text",
    "rule_activity": "campaign_id text, rule_id text, checks_applied bigint, checks_failed bigint, units_failing bigint,"
    " first_fired_on date, last_fired_on date, recent_slots bigint, recent_judged bigint, recent_failed bigint, verdict text",
    "fct_files": "batch_id text, campaign_id text, source_id text, file_id text, file_name text, container_name text, sha256 text,"
    " size_bytes bigint, received_at timestamptz, received_by text, landed_at timestamptz, sender text, format text, encoding text,"
    f" delimiter text, sheet text, header_row bigint, status text, {_HOLD}, is_simulated boolean",
    "control_totals": "file_id text, batch_id text, indicator_id text, campaign_id text, source_id text, file_name text,"
    " received_total double, accepted_total double, held_total double, rejected_total double, duplicate_total double",
    "reconciliation": f"batch_id text, campaign_id text, files bigint, files_unreadable bigint, files_duplicate bigint, {_HOLD},"
    " difference bigint, is_balanced boolean, first_received_at timestamptz, last_received_at timestamptz",
    "fct_submissions": "submission_id text, campaign_id text, source_id text, batch_id text, file_id text, file_name text, sha256 text,"
    " unit_code text, slot_id text, version bigint, as_of timestamp, received_at timestamptz, sender text, sender_role text, lane text,"
    f" is_valid boolean, on_time_status text, minutes_late double, {_HOLD}, figure_count bigint, finding_count bigint",
    "fct_slot_status": "campaign_id text, unit_code text, slot_id text, level text, slot_date date, cutoff_at timestamptz,"
    " closes_at timestamptz, is_owed boolean, status text, first_received_at timestamptz, first_valid_at timestamptz,"
    " minutes_late double, version_count bigint, exempt_reason text, owed_number bigint, is_held boolean, exempt_author text,"
    " is_extended boolean, extended_until timestamptz, extension_reason text, extension_author text",
    "fct_figures": "campaign_id text, indicator_id text, unit_code text, as_of timestamp, as_of_date date, slot_id text, value double,"
    " cell text, is_correction boolean, received_at timestamptz, first_received_at timestamptz, version_count bigint,"
    " submission_id text, file_id text, batch_id text",
    "fct_restatements": "campaign_id text, indicator_id text, unit_code text, as_of timestamp, version bigint, as_of_date date,"
    " old_value double, new_value double, change double, old_received_at timestamptz, restated_at timestamptz, is_declared boolean,"
    " submission_id text",
    "fct_findings": "finding_id text, batch_id text, campaign_id text, source_id text, file_id text, submission_id text, rule_id text,"
    " dimension text, severity text, effect text, effect_reason text, rule_version text, responsibility text, unit_code text,"
    " indicator_id text, as_of timestamp, slot_id text, sheet text,"
    " row_number bigint, column_name text, raw_text text, value double, expected double, score double, message_vi text, message_en text,"
    " remedy_vi text, remedy_en text, found_at timestamptz, place text, file_name text, unit_name text",
    "parent_sums": "campaign_id text, indicator_id text, unit_code text, as_of_date date, reported_value double, children_sum double,"
    " difference double, children_count bigint, children_reporting bigint",
    "progress": "campaign_id text, indicator_id text, unit_code text, as_of_date date, level text, value double, value_basis text,"
    " value_accepted double, units_in_value bigint, units_carried bigint,"
    " last_as_of_date date, age_days bigint, is_provisional boolean, target double, attained_pct double, gap double,"
    " increment_1d double, increment_7d double, actual_pace double, next_milestone_id text, days_left bigint, required_pace double,"
    " children_count bigint, children_reporting bigint",
    "leaderboard": "campaign_id text, indicator_id text, level text, as_of_date date, unit_code text, unit_name text, parent_code text,"
    " peer_group text, value double, target double, attained_pct double, rank bigint, ranked_count bigint, rank_low bigint,"
    " rank_high bigint, previous_rank bigint, rank_change bigint, improvement_pct double, improvement_rank bigint, tier text,"
    " tier_name_vi text, tier_name_en text, is_provisional boolean, last_as_of_date date, age_days bigint, quality_grade text,"
    " unranked_reason text, position bigint",
    "milestones": "campaign_id text, milestone_id text, unit_code text, level text, indicator_id text, threshold_pct double,"
    " threshold_value double, due_at timestamptz, first_known_at timestamptz, reached_on date, status text, days_early bigint,"
    " value double, target double, attained_pct double, consequence_vi text, consequence_en text",
    "reporting": "campaign_id text, unit_code text, period_kind text, period text, level text, first_date date, last_date date,"
    " slots_owed bigint, on_time bigint, late bigint, invalid bigint, missing bigint, exempt bigint, unsolicited bigint, rate_pct double,"
    " late_extended bigint",
    "silent": "campaign_id text, slot_id text, level text, unit_code text, unit_name text, parent_code text, parent_name text,"
    " slot_date date, closes_at timestamptz, slots_silent bigint, reason text, first_received_at timestamptz, last_heard_at timestamptz,"
    " last_good_on date, extended_until timestamptz, sender text, sender_name text, contact text",
    "data_quality": "campaign_id text, unit_code text, period_kind text, period text, correct double, sufficient double, clean double,"
    " live double, worst double, worst_dimension text, quality_grade text, units_counted bigint, checks_failed double,"
    " rows_received bigint, rows_rejected bigint, rows_duplicate bigint,"
    " rows_conflicting bigint, cells_owed bigint, cells_present bigint, slots_owed bigint, slots_on_time bigint, findings_flag bigint,"
    " findings_hold bigint, findings_reject bigint, checks_applied bigint",
    "recounts": "campaign_id text, recount_id text, indicator_id text, unit_code text, as_of_date date, recounted_on date,"
    " reported_value double, recounted_value double, difference double, verification_factor double, value_now double,"
    " is_newest boolean, recounted_by text, note text, known_until timestamptz",
    "verification_factors": "campaign_id text, indicator_id text, unit_code text, units_recounted bigint, reported_value double,"
    " recounted_value double, verification_factor double, last_recounted_on date",
    "recount_queue": "campaign_id text, unit_code text, unit_name text, level text, peer_group text, indicator_id text,"
    " as_of_date date, position bigint, score double, findings_points double, size_points double, growth_points double,"
    " jump_points double, changes_points double, age_points double, factor_points double, value double, growth_7d double,"
    " findings bigint, holds bigint, restatements bigint, jump_due_date date, jump_increment double, jump_expected double,"
    " last_recounted_on date, days_since_recount bigint, verification_factor double, lot double, is_by_lot boolean,"
    " reasons_vi text, reasons_en text",
}

# District i (1..15) has target 1000 * i and on day d (0..29) the value floor(target * (0.30 + 0.05 * i) * (d + 1) / 30):
# on the last day district 14 stands at exactly 100 %, district 1 at 35 %, and district 15 has no target.
FILL = """
insert into {s}.dim_campaign values ('{c}', 'Kích hoạt tài khoản định danh', 'Activation of identity accounts', 'Chiến dịch thử.',
  'A trial campaign.', 'Asia/Ho_Chi_Minh', '2023-05-15', '2023-06-30', 'activated', 'district', 'attained_pct', 'level', true,
  timestamptz '2023-06-13 16:59:59+00', '2023-06-13');
insert into {s}.dim_level values ('{c}', 'city', 1, 'Thành phố', 'City'), ('{c}', 'district', 2, 'Quận, huyện', 'District');
insert into {s}.dim_indicator values ('{c}', 'activated', 'Tài khoản kích hoạt', 'Activated accounts', 'cumulative', true, 'received', 1),
  ('{c}', 'received', 'Hồ sơ đã nhận', 'Dossiers received', 'cumulative', false, null, 2);
insert into {s}.dim_tier values ('{c}', 'complete', 'Hoàn thành', 'Complete', 100, 1), ('{c}', 'fair', 'Khá', 'Fair', 40, 2),
  ('{c}', 'slow', 'Chậm', 'Slow', 0, 3);
insert into {s}.dim_unit values ('{c}', '31', 'Thành phố Hải Phòng', 'city', 1, null, null, 'Thành phố Hải Phòng', 'unit', null, null,
  null, false);
insert into {s}.dim_unit select '{c}', format('{{:03d}}', 300 + i), name, 'district', 2, '31', 'Thành phố Hải Phòng',
  'Thành phố Hải Phòng > ' || name, 'unit', null, null, null, false from trial_units;
insert into {s}.dim_milestone select '{c}', m.id, l.level, m.vi, m.en, 'activated', m.pct, null, m.due::timestamptz + interval '16:59:59',
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
insert into {s}.leaderboard select '{c}', 'activated', 'district', day, code, name, '31', null, value, target, 100 * value / target,
  case when target is not null then 1 + 14 - i end, 14, case when i < 15 then 15 - i end, case when i < 15 then least(14, 16 - i) end,
  case i when 15 then null when 14 then 2 when 13 then 1 else 15 - i end,
    case i when 15 then null when 14 then 1 when 13 then -1 else 0 end,
  null, null, case when i = 15 then null when i >= 14 then 'complete' when i > 1 then 'fair' else 'slow' end,
  case when i = 15 then null when i >= 14 then 'Hoàn thành' when i > 1 then 'Khá' else 'Chậm' end,
  case when i = 15 then null when i >= 14 then 'Complete' when i > 1 then 'Fair' else 'Slow' end,
  i = 3, case when i = 3 then date '2023-06-11' else day end, case when i = 3 then 2 else 0 end,
  ['A', 'B', 'C'][1 + i % 3], case when i = 15 then 'no_target' end, case when i = 15 then 15 else 15 - i end
  from fig where d >= 28;
insert into {s}.milestones select '{c}', m.milestone_id, f.code, 'district', 'activated', m.threshold_pct, m.threshold_pct * f.target / 100,
  m.due_at, case when f.value >= m.threshold_pct * f.target / 100 then timestamptz '2023-06-05 10:00:00+00' end,
  case when f.value >= m.threshold_pct * f.target / 100 then date '2023-06-05' end,
  case when f.target is null then 'no_target' when f.value >= m.threshold_pct * f.target / 100 then
    case when m.due_date < '2023-06-05' then 'reached_late' else 'reached_early' end
    when m.due_date < '2023-06-13' then 'missed' when i > 6 then 'on_track' else 'at_risk' end,
  case when f.value >= m.threshold_pct * f.target / 100 then m.due_date - date '2023-06-05' end, f.value, f.target,
  100 * f.value / f.target, m.consequence_vi, m.consequence_en
  from fig f, {s}.dim_milestone m where f.d = 29 and m.level = 'district';
insert into {s}.milestones select '{c}', m.milestone_id, '31', 'city', 'activated', m.threshold_pct, m.threshold_pct * 1050, m.due_at,
  null, null,
  'at_risk', null, null, 105000, null, m.consequence_vi, m.consequence_en from {s}.dim_milestone m where m.level = 'city';
insert into {s}.dim_slot select '{c}', 'daily/' || day, 'district', 'daily', day, day::timestamp::timestamptz + interval '10 hours',
  day::timestamp::timestamptz + interval '10 hours', true from days
  union all select '{c}', 'daily/2023-06-14', 'district', 'daily', '2023-06-14', timestamptz '2023-06-14 10:00:00+00',
  timestamptz '2023-06-14 10:00:00+00', false;
insert into {s}.fct_slot_status (campaign_id, unit_code, slot_id, level, slot_date, cutoff_at, closes_at, is_owed,
  status, first_received_at, first_valid_at, minutes_late, version_count, exempt_reason) select '{c}', code, 'daily/' || day, 'district', day, day::timestamp::timestamptz + interval '10 hours',
  day::timestamp::timestamptz + interval '10 hours', true,
  case when i = 15 then 'exempt' when (i * 7 + d) % 31 = 0 then 'missing' when (i * 5 + d) % 23 = 0 then 'late'
    when (i + d * 3) % 37 = 0 then 'invalid' else 'on_time' end,
  null, null, case when (i * 5 + d) % 23 = 0 then 95.0 end, 1, case when i = 15 then 'Đảo xa, mất liên lạc' end from fig where d < 29;
insert into {s}.fct_slot_status (campaign_id, unit_code, slot_id, level, slot_date, cutoff_at, closes_at, is_owed,
  status, first_received_at, first_valid_at, minutes_late, version_count, exempt_reason) select '{c}', code, 'daily/2023-06-13', 'district', date '2023-06-13', timestamptz '2023-06-13 10:00:00+00',
  timestamptz '2023-06-13 10:00:00+00', true, case i when 2 then 'late' when 5 then 'late' when 3 then 'missing' when 9 then 'invalid'
  when 15 then 'exempt' else 'on_time' end, null, null, case i when 2 then 95.0 when 5 then 12.0 end, 1, null from fig where d = 29;
insert into {s}.reporting (campaign_id, unit_code, period_kind, period, level, first_date, last_date, slots_owed, on_time, late,
  invalid, missing, exempt, unsolicited, rate_pct) select '{c}', unit_code, 'campaign', 'all', 'district', min(slot_date), max(slot_date),
  count(*) filter (status <> 'exempt'), count(*) filter (status = 'on_time'), count(*) filter (status = 'late'),
  count(*) filter (status = 'invalid'), count(*) filter (status = 'missing'), count(*) filter (status = 'exempt'), 0,
  100.0 * count(*) filter (status = 'on_time') / nullif(count(*) filter (status <> 'exempt'), 0) from {s}.fct_slot_status
  where campaign_id = '{c}' group by unit_code;
insert into {s}.data_quality (campaign_id, unit_code, period_kind, period, correct, sufficient, clean, live, worst, worst_dimension,
  quality_grade) select '{c}', code, 'campaign', 'all', 1 - i / 100.0, 0.98, 1.0, 0.9, 0.9, 'live', ['A', 'B', 'C'][1 + i % 3] from fig where d = 29;
insert into {s}.dim_rule (campaign_id, rule_id, dimension, severity, responsibility, place, rule_version, is_on, message_vi, message_en,
  remedy_vi, remedy_en, params) values ('{c}', 'cumulative_fall', 'correct', 'hold', 'sender', 'gate', 'v1', true, 'Số lũy kế giảm',
  'A cumulative figure fell',
  'Gửi bản đính chính', 'Send a correction', '{{}}'), ('{c}', 'unknown_unit', 'clean', 'reject', 'sender', 'gate', 'v1', true,
  'Không rõ đơn vị', 'Unknown unit', 'Sửa mã đơn vị', 'Mend the code', '{{}}');
insert into {s}.fct_findings by name select 'f' || i as finding_id, 'b1' as batch_id, '{c}' as campaign_id, 'cumulative_fall' as rule_id,
  'correct' as dimension, 'hold' as severity, 'sender' as responsibility, code as unit_code, name as unit_name, 'activated' as indicator_id,
  'daily/2023-06-13' as slot_id, 'Số lũy kế giảm từ 4.100 xuống 3.900' as message_vi,
    'The cumulative figure fell from 4,100 to 3,900' as message_en,
  'Gửi bản đính chính có đánh dấu' as remedy_vi, 'Send a correction marked as one' as remedy_en,
  timestamptz '2023-06-13 09:00:00+00' as found_at, 'gate' as place, 'baocao.csv' as file_name, 4 as row_number from fig where d = 29
    and i in (9, 4);
insert into {s}.fct_findings by name select 'f_old' as finding_id, 'b0' as batch_id, '{c}' as campaign_id, 'unknown_unit' as rule_id,
  'clean' as dimension, 'reject' as severity, 'Không rõ đơn vị cũ' as message_vi, 'An old finding' as message_en, '' as remedy_vi,
    '' as remedy_en,
  timestamptz '2023-05-20 09:00:00+00' as found_at, 'gate' as place;
insert into {s}.fct_restatements by name select '{c}' as campaign_id, 'activated' as indicator_id, '304' as unit_code,
  timestamp '2023-06-10' as as_of,
  2 as version, date '2023-06-10' as as_of_date, 2100.0 as old_value, 2050.0 as new_value, -50.0 as change,
  timestamptz '2023-06-12 03:00:00+00' as restated_at, true as is_declared;
insert into {s}.parent_sums values ('{c}', 'activated', '31', '2023-06-13', 66000, 65000, 1000, 15, 14);
insert into {s}.reconciliation values ('b0', '{c}', 10, 0, 1, 150, 140, 2, 3, 5, 0, true, timestamptz '2023-05-20 01:00:00+00',
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
        for table, columns in TABLES.items():
            con.execute(f"create table marts.{table} ({columns})")
            con.execute(f"comment on table marts.{table} is 'One row per grain of {table}; it''s a trial.'")
        con.execute("comment on column marts.leaderboard.rank is 'Thứ hạng: 1 + số đơn vị tốt hơn.'")
        for campaign in campaigns:
            con.execute(FILL.format(s="marts", c=campaign))
        if also:
            con.execute(also)
    return path
