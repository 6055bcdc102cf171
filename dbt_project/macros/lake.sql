{# Columns of the lake's tables, as tiendo/lake.py writes them; a test keeps the two the same. #}
{% macro lake_columns(table) %}
    {% set rows = {
        'rows_received': 'bigint', 'rows_accepted': 'bigint', 'rows_held': 'bigint', 'rows_rejected': 'bigint',
        'rows_duplicate': 'bigint',
    } %}
    {% set tables = {
        'batches': dict({
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'source_id': 'varchar', 'file_id': 'varchar',
            'file_name': 'varchar', 'container_name': 'varchar', 'sha256': 'varchar', 'size_bytes': 'bigint',
            'received_at': 'timestamptz', 'received_by': 'varchar', 'landed_at': 'timestamptz', 'sender': 'varchar',
            'format': 'varchar', 'encoding': 'varchar', 'delimiter': 'varchar', 'sheet': 'varchar',
            'header_row': 'bigint', 'status': 'varchar',
        }, **dict(rows, is_simulated='boolean')),
        'submissions': dict({
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'source_id': 'varchar', 'file_id': 'varchar',
            'submission_id': 'varchar', 'unit_code': 'varchar', 'slot_id': 'varchar', 'as_of': 'timestamp',
            'received_at': 'timestamptz', 'sender': 'varchar', 'sender_role': 'varchar', 'lane': 'varchar',
            'is_valid': 'boolean',
        }, **dict(rows, figure_count='bigint', finding_count='bigint', checks_applied='bigint')),
        'figures': {
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'source_id': 'varchar', 'file_id': 'varchar',
            'submission_id': 'varchar', 'unit_code': 'varchar', 'indicator_id': 'varchar', 'as_of': 'timestamp',
            'as_of_date': 'date', 'slot_id': 'varchar', 'value': 'double', 'cell': 'varchar', 'lane': 'varchar',
            'is_correction': 'boolean', 'is_total_row': 'boolean', 'row_count': 'bigint', 'priority': 'bigint',
            'received_at': 'timestamptz',
        },
        'findings': {
            'finding_id': 'varchar', 'batch_id': 'varchar', 'campaign_id': 'varchar', 'source_id': 'varchar',
            'file_id': 'varchar', 'submission_id': 'varchar', 'rule_id': 'varchar', 'dimension': 'varchar',
            'severity': 'varchar', 'effect': 'varchar', 'effect_reason': 'varchar',
            'rule_version': 'varchar', 'responsibility': 'varchar', 'unit_code': 'varchar', 'indicator_id': 'varchar',
            'as_of': 'timestamp', 'slot_id': 'varchar', 'sheet': 'varchar', 'row_number': 'bigint',
            'column_name': 'varchar', 'raw_text': 'varchar', 'value': 'double', 'expected': 'double',
            'score': 'double', 'message_vi': 'varchar', 'message_en': 'varchar', 'remedy_vi': 'varchar', 'remedy_en': 'varchar',
            'found_at': 'timestamptz',
        },
        'totals': {
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'source_id': 'varchar', 'file_id': 'varchar',
            'indicator_id': 'varchar', 'received_total': 'double', 'accepted_total': 'double',
            'held_total': 'double', 'rejected_total': 'double', 'duplicate_total': 'double',
        },
        'checks': {
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'rule_id': 'varchar', 'edition': 'varchar',
            'rule_version': 'varchar', 'slot_id': 'varchar', 'checks_applied': 'bigint', 'reports_judged': 'bigint',
            'checks_failed': 'bigint', 'reports_failed': 'bigint',
        },
        'acts': {
            'act_id': 'varchar', 'batch_id': 'varchar', 'campaign_id': 'varchar', 'kind': 'varchar', 'hold_id': 'varchar',
            'submission_id': 'varchar', 'file_id': 'varchar', 'unit_code': 'varchar', 'indicator_id': 'varchar',
            'as_of': 'timestamp', 'slot_id': 'varchar', 'rule_id': 'varchar', 'old_value': 'double', 'value': 'double',
            'until': 'date', 'figure_count': 'bigint', 'is_valid': 'boolean', 'entry_id': 'varchar', 'reason': 'varchar',
            'author': 'varchar', 'source': 'varchar', 'acted_at': 'timestamptz',
        },
        'remarks': {
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'source_id': 'varchar', 'file_id': 'varchar',
            'submission_id': 'varchar', 'unit_code': 'varchar', 'slot_id': 'varchar', 'as_of': 'timestamp',
            'as_of_date': 'date', 'remark_id': 'varchar', 'code': 'varchar', 'raw_text': 'varchar', 'lane': 'varchar',
            'received_at': 'timestamptz',
        },
        'signed_scores': {
            'batch_id': 'varchar', 'campaign_id': 'varchar', 'act_id': 'varchar', 'period_id': 'varchar',
            'unit_code': 'varchar', 'level': 'varchar', 'part_id': 'varchar', 'position': 'bigint',
            'measure': 'double', 'measure_count': 'bigint', 'zero_at': 'double', 'full_at': 'double',
            'normalised': 'double', 'weight': 'double', 'points': 'double', 'is_assessed': 'boolean',
            'as_of_date': 'date', 'score': 'double', 'points_total': 'double', 'weight_assessed': 'double',
            'class_id': 'varchar', 'class_name_vi': 'varchar', 'class_name_en': 'varchar', 'rank': 'bigint',
            'ranked_count': 'bigint', 'sender': 'varchar', 'sender_name': 'varchar',
        },
    } %}
    {{ return(tables[table]) }}
{% endmacro %}

{# Rows of a lake table that the model does not hold yet: the files of batches that are new to it, or no rows. #}
{% macro lake_rows(table) %}
    {%- set files = batch_files(table) if execute else [] -%}
    (
        select
            {% for name, type in lake_columns(table).items() -%}
                cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {% endfor %}
        where false
        {% if files %}
            {# by name: batches that an earlier version wrote lack the columns that came later #}
            union all by name
            select * from read_parquet({{ files }}, hive_partitioning = false, union_by_name = true)
        {% endif %}
    )
{% endmacro %}

{# A batch exists once its file in `batches` does; the other tables' files are found from there. #}
{% macro batch_files(table) %}
    {% set lake = env_var('TIENDO_LAKE') %}
    {% if table == 'batches' %}
        {% set query %}
            select file from glob('{{ lake }}/batches/campaign_id=*/*.parquet')
            {% if is_incremental() %}
                where parse_filename(file, true) not in (select batch_id from {{ this }})
            {% endif %}
            order by file
        {% endset %}
    {% elif table in ('checks', 'remarks', 'signed_scores') %}
        {# not every batch has them #}
        {% set query %}
            select file from glob('{{ lake }}/{{ table }}/campaign_id=*/*.parquet')
            where parse_filename(file, true) in (
                select batch_id from {{ ref('stg_batches') }}
                {% if is_incremental() %} where loaded_in = '{{ invocation_id }}' {% endif %}
            )
            order by file
        {% endset %}
    {% else %}
        {% set query %}
            select distinct '{{ lake }}/{{ table }}/campaign_id=' || campaign_id || '/' || batch_id || '.parquet' as file
            from {{ ref('stg_batches') }}
            where
                true
                {# only batches of acts have acts, and what they hold of the other tables is never rows received #}
                {% if table == 'acts' %} and status = 'acts' {% endif %}
                {% if is_incremental() %} and loaded_in = '{{ invocation_id }}' {% endif %}
            order by file
        {% endset %}
    {% endif %}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}
