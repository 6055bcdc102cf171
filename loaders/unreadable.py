"""A file that cannot be read: one rule, one clear line; the run goes on with the other files."""

from __future__ import annotations


class Unreadable(Exception):
    """`rule`: empty_file, no_rows, missing_heading, not_a_table, too_many_columns or unreadable_file; `text`: what was found, where."""

    def __init__(self, rule: str, text: str) -> None:
        self.rule, self.text = rule, text
        super().__init__(text)
