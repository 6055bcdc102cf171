{# A text as tiendo.text.fold compares names: lower case, no diacritics, punctuation as one space. #}
{% macro folded(text) -%}
    trim(regexp_replace(strip_accents(replace(lower({{ text }}), 'đ', 'd')), '[^0-9a-z]+', ' ', 'g'))
{%- endmacro %}
