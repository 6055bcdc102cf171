{#
    What a briefing can say. `vi`, `en`: the sentence, with {1} to {4} for its numbers and {list} for `: ` and names, if any. `query`: gives those numbers
    in that order, in columns named for what they are, and the names as `listed`; it runs on the published marts as it stands.
    Names in sentences: {unit} {indicator} {level} {milestone} {due} {tier} {item} {since}; in queries: {campaign} {unit} {indicator}
    {level} {board_level} {item} {board_date} {since_date} {since_at} {held_at}, all of them codes, days and moments.
#}
{% macro briefing_statements() %}
    {%- set of_board -%}
        campaign_id = '{campaign}' and indicator_id = '{indicator}' and as_of_date = date '{board_date}'
    {%- endset -%}
    {%- set top -%}
        from marts.progress inner join marts.dim_unit using (campaign_id, unit_code) where {{ of_board }} and parent_code is null
    {%- endset -%}
    {%- set attained -%}
        select round(100 * sum(value) filter (where target is not null) / sum(target), 6) as attained_pct,
        round(sum(target), 6) as target,{{ ' ' }}
    {%- endset -%}
    {%- set ranked -%}
        from marts.leaderboard where {{ of_board }} and level = '{board_level}'
    {%- endset -%}
    {%- set slots -%}
        from marts.fct_slot_status where campaign_id = '{campaign}' and is_owed and closes_at <= timestamptz '{held_at}'
    {%- endset -%}
    {%- set below -%}
        with recursive below as (select '{unit}' as unit_code union all select dim_unit.unit_code from marts.dim_unit
        inner join below on dim_unit.parent_code = below.unit_code where dim_unit.campaign_id = '{campaign}')
    {%- endset -%}
    {%- set milestone -%}
        from marts.milestones inner join marts.dim_unit using (campaign_id, unit_code) where campaign_id = '{campaign}'
        and milestone_id = '{item}' and milestones.level = '{level}' and threshold_value is not null
    {%- endset -%}
    {%- set reached -%} coalesce(reached_on <= date '{board_date}', false) {%- endset -%}
    {%- set fresh -%} reached_on <= date '{board_date}' and reached_on > date '{since_date}' {%- endset -%}
    {%- set since = " and closes_at > timestamptz '{since_at}'" -%}
    {%- set heard = "coalesce(first_valid_at <= timestamptz '{held_at}', false)" -%}
    {{ return({
        'headline_value': {
            'section': 'headline', 'vi': '{indicator}: {1}', 'en': '{indicator}: {1}',
            'query': 'select round(sum(value), 6) as value ' ~ top,
        },
        'headline_attained': {
            'section': 'headline', 'vi': '{indicator}: đạt {1} % chỉ tiêu {2}, còn thiếu {3}',
            'en': '{indicator}: {1} % of the target of {2}, {3} to go', 'query': attained ~ 'round(sum(gap), 6) as gap ' ~ top,
        },
        'headline_reached': {
            'section': 'headline', 'vi': '{indicator}: đạt {1} % chỉ tiêu {2}, vượt {3}',
            'en': '{indicator}: {1} % of the target of {2}, {3} above it', 'query': attained ~ 'round(-sum(gap), 6) as above ' ~ top,
        },
        'headline_growth': {
            'section': 'headline', 'vi': '{indicator}: thêm {1} so với bảng ngày {since}',
            'en': '{indicator}: {1} more than on the board of {since}',
            'query': 'select round(sum(progress.value - earlier.value), 6) as growth from marts.progress'
                ~ ' inner join marts.dim_unit using (campaign_id, unit_code) inner join marts.progress as earlier'
                ~ ' using (campaign_id, indicator_id, unit_code)'
                ~ " where campaign_id = '{campaign}' and indicator_id = '{indicator}' and progress.as_of_date = date '{board_date}'"
                ~ " and parent_code is null and earlier.as_of_date = date '{since_date}'",
        },
        'headline_pace': {
            'section': 'headline', 'vi': '{indicator}: mỗi ngày tăng {1}, cần {2} trong {3} ngày báo cáo còn lại đến mốc tới',
            'en': '{indicator}: {1} a day, {2} needed on the {3} reporting days left to the next milestone',
            'query': 'select round(sum(actual_pace) filter (where required_pace is not null), 6) as actual_pace, '
                ~ 'round(sum(required_pace), 6) as required_pace, max(days_left) as days_left ' ~ top,
        },
        'headline_tier': {
            'section': 'headline', 'vi': 'Xếp loại {tier}: {1} đơn vị{list}', 'en': 'Tier {tier}: {1} units{list}',
            'query': 'select count(*) as units, ' ~ short_list('unit_name', 'position, unit_code') ~ ' as listed ' ~ ranked
                ~ " and tier = '{item}'",
        },
        'headline_reports': {
            'section': 'headline', 'vi': 'Báo cáo đúng hạn từ cuộc họp trước: {1} trong {2}, {3} %',
            'en': 'Reports on time since the last meeting: {1} of {2}, {3} %',
            'query': 'select count(*) filter (where first_valid_at <= closes_at) as on_time, count(*) as owed, '
                ~ 'round(100 * count(*) filter (where first_valid_at <= closes_at) / count(*), 6) as rate_pct ' ~ slots ~ since,
        },
        'mover_count': {
            'section': 'movers', 'vi': '{1} đơn vị lên hạng, {2} đơn vị xuống hạng, trong {3} đơn vị so sánh được với bảng ngày {since}',
            'en': '{1} units rose and {2} fell, of {3} that can be compared with the board of {since}',
            'query': 'select count(*) filter (where meeting_rank_change > 0) as up, count(*) filter (where meeting_rank_change < 0) as down, '
                ~ 'count(meeting_rank_change) as compared ' ~ ranked,
        },
        'mover_up': {
            'section': 'movers', 'vi': '{unit}: lên {1} bậc, hạng {2} (trước: {3})', 'en': '{unit}: up {1}, rank {2} (was {3})',
            'query': 'select meeting_rank_change, rank, last_meeting_rank ' ~ ranked ~ " and unit_code = '{unit}'",
        },
        'mover_down': {
            'section': 'movers', 'vi': '{unit}: xuống {1} bậc, hạng {2} (trước: {3})', 'en': '{unit}: down {1}, rank {2} (was {3})',
            'query': 'select -meeting_rank_change as places_down, rank, last_meeting_rank ' ~ ranked ~ " and unit_code = '{unit}'",
        },
        'milestone_reached': {
            'section': 'milestones', 'vi': '{milestone} (hạn {due}), {level}: {1} trong {2} đơn vị đã đạt, {3} đúng hạn hoặc sớm{list}',
            'en': '{milestone} (due {due}), {level}: {1} of {2} units reached it, {3} in time{list}',
            'query': 'select count(*) filter (where ' ~ reached ~ ') as reached, count(*) as units, count(*) filter (where ' ~ reached
                ~ ' and days_early >= 0) as in_time, '
                ~ short_list('unit_name', 'reached_on, unit_code', reached) ~ ' as listed ' ~ milestone,
        },
        'milestone_new': {
            'section': 'milestones', 'vi': '{milestone}, {level}: {1} đơn vị mới đạt từ bảng ngày {since}{list}',
            'en': '{milestone}, {level}: {1} units reached it since the board of {since}{list}',
            'query': 'select count(*) filter (where ' ~ fresh ~ ') as newly, ' ~ short_list('unit_name', 'reached_on, unit_code', fresh)
                ~ ' as listed ' ~ milestone,
        },
        'milestone_missed': {
            'section': 'milestones', 'vi': '{milestone} (hạn {due}), {level}: {1} trong {2} đơn vị không đạt{list}',
            'en': '{milestone} (due {due}), {level}: {1} of {2} units missed it{list}',
            'query': 'select count(*) filter (where not ' ~ reached ~ ') as missed, count(*) as units, '
                ~ short_list('unit_name', 'unit_code', 'not ' ~ reached) ~ ' as listed ' ~ milestone,
        },
        'milestone_open': {
            'section': 'milestones', 'vi': '{milestone} (hạn {due}), {level}: {1} trong {2} đơn vị chưa đạt{list}',
            'en': '{milestone} (due {due}), {level}: {1} of {2} units still have to reach it{list}',
            'query': 'select count(*) filter (where not ' ~ reached ~ ') as open, count(*) as units, '
                ~ short_list('unit_name', 'unit_code', 'not ' ~ reached) ~ ' as listed ' ~ milestone,
        },
        'explain_missed': {
            'section': 'explain', 'vi': '{unit}: không đạt {milestone}: {1} %, thực hiện {2} trên {3}',
            'en': '{unit}: missed {milestone}: {1} %, {2} of {3}',
            'query': 'select progress.attained_pct, progress.value, threshold_value from marts.milestones left join (from marts.progress where ' ~ of_board
                ~ ") as progress using (campaign_id, indicator_id, unit_code) where campaign_id = '{campaign}'"
                ~ " and milestone_id = '{item}' and unit_code = '{unit}'",
        },
        'explain_behind': {
            'section': 'explain', 'vi': '{unit}: chậm tiến độ: mỗi ngày tăng {1}, cần {2} trong {3} ngày báo cáo còn lại',
            'en': '{unit}: behind schedule: {1} a day, {2} needed on {3} reporting days left',
            'query': 'select actual_pace, required_pace, days_left from marts.progress where ' ~ of_board ~ " and unit_code = '{unit}'",
        },
        'explain_low': {
            'section': 'explain', 'vi': '{unit}: xếp loại {tier}: {1} %, hạng {2} trong {3}',
            'en': '{unit}: in tier {tier}: {1} %, rank {2} of {3}',
            'query': 'select attained_pct, rank, ranked_count ' ~ ranked ~ " and unit_code = '{unit}'",
        },
        'explain_silent': {
            'section': 'explain', 'vi': '{unit}: {1} trong {2} kỳ báo cáo từ cuộc họp trước không có báo cáo hợp lệ',
            'en': '{unit}: no valid report for {1} of {2} slots since the last meeting',
            'query': below ~ ' select count(*) filter (where not ' ~ heard ~ ') as silent, count(*) as owed ' ~ slots ~ since
                ~ ' and unit_code in (from below)',
        },
        'explain_late': {
            'section': 'explain', 'vi': '{unit}: {1} trong {2} kỳ báo cáo từ cuộc họp trước nộp muộn',
            'en': '{unit}: late for {1} of {2} slots since the last meeting',
            'query': below ~ ' select count(*) filter (where first_valid_at > closes_at and ' ~ heard ~ ') as late, count(*) as owed ' ~ slots
                ~ since ~ ' and unit_code in (from below)',
        },
        'explain_holds': {
            'section': 'explain', 'vi': '{unit}: {1} báo cáo đang treo', 'en': '{unit}: {1} reports held and open',
            'query': below ~ " select count(*) as holds from marts.holds where campaign_id = '{campaign}' and unit_code in (from below)"
                ~ " and received_at <= timestamptz '{held_at}' and coalesce(settled_at > timestamptz '{held_at}', true)",
        },
        'show_closed_gap': {
            'section': 'show', 'vi': '{unit}: thu hẹp {1} % phần còn thiếu từ cuộc họp trước, từ {2} % lên {3} %',
            'en': '{unit}: closed {1} % of its gap since the last meeting, from {2} % to {3} %',
            'query': "select closed_gap_pct, attained_pct_before, attained_pct from marts.good_practice where campaign_id = '{campaign}'"
                ~ " and period_kind = 'meeting' and as_of_date = date '{board_date}' and unit_code = '{unit}'",
        },
        'show_early': {
            'section': 'show', 'vi': '{unit}: đạt {milestone} sớm {1} ngày', 'en': '{unit}: reached {milestone} {1} days early',
            'query': "select days_early from marts.milestones where campaign_id = '{campaign}' and milestone_id = '{item}'"
                ~ " and unit_code = '{unit}'",
        },
        'show_practice': {
            'section': 'show', 'vi': '{unit}: cách làm hay ({1}){list}', 'en': '{unit}: good practice ({1}){list}',
            'query': "select practices_reported, practices_vi as listed from marts.good_practice where campaign_id = '{campaign}'"
                ~ " and period_kind = 'meeting' and as_of_date = date '{board_date}' and unit_code = '{unit}'",
        },
        'silent_level': {
            'section': 'silent', 'vi': '{level}: {1} trong {2} đơn vị không có báo cáo hợp lệ cho kỳ {item}{list}',
            'en': '{level}: {1} of {2} units have no valid report for slot {item}{list}',
            'query': 'select count(*) filter (where not ' ~ heard ~ ') as silent, count(*) as owed, '
                ~ short_list('unit_name', 'unit_code', 'not ' ~ heard) ~ ' as listed from marts.fct_slot_status'
                ~ ' inner join marts.dim_unit using (campaign_id, unit_code)'
                ~ " where campaign_id = '{campaign}' and is_owed and slot_id = '{item}' and fct_slot_status.level = '{level}'",
        },
        'silent_unit': {
            'section': 'silent', 'vi': '{unit}: {1} kỳ liền không có báo cáo hợp lệ', 'en': '{unit}: no valid report for {1} slots running',
            'query': "select max(owed_number) - coalesce(max(owed_number) filter (where first_valid_at <= timestamptz '{held_at}'), 0) as slots "
                ~ slots ~ " and unit_code = '{unit}'",
        },
        'recount_open': {
            'section': 'recounts', 'vi': '{unit}, {indicator}: báo cáo {1}, kiểm đếm lại {2}, chênh lệch {3}, chưa đính chính',
            'en': '{unit}, {indicator}: {1} reported, {2} counted again, a difference of {3}, not corrected',
            'query': "select reported_value, recounted_value, difference from marts.recounts where campaign_id = '{campaign}'"
                ~ " and recount_id = '{item}'",
        },
        'change_count': {
            'section': 'changes', 'vi': 'Trên bảng ngày {since}, đến nay {1} đơn vị đổi số liệu, {2} đơn vị đổi hạng',
            'en': 'On the board of {since}, the values of {1} units and the ranks of {2} have changed since',
            'query': 'select count(*) filter (where old_value is distinct from new_value) as values_changed, '
                ~ 'count(*) filter (where old_rank is distinct from new_rank) as ranks_changed from marts.board_restatements where '
                ~ of_board ~ " and level = '{board_level}' and since = 'meeting'",
        },
        'change_unit': {
            'section': 'changes', 'vi': '{unit}: bảng ngày {since} ghi {1}, nay là {2}; hạng {3}, nay là {4}',
            'en': '{unit}: {1} on the board of {since}, now {2}; rank {3}, now {4}',
            'query': 'select old_value, new_value, old_rank, new_rank from marts.board_restatements where ' ~ of_board
                ~ " and level = '{board_level}' and since = 'meeting' and unit_code = '{unit}'",
        },
    }) }}
{% endmacro %}
