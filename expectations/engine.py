"""Rules run by Great Expectations on the gate's own DuckDB connection.

Great Expectations takes seconds to import, so it is imported inside the functions, and its context is made once per process.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import duckdb

from tiendo.errors import RuleError

_numbers = itertools.count(1)

# (connection, relation, [(rule id, SQL condition)]) -> rule id -> number of failing rows
Counter = Callable[[duckdb.DuckDBPyConnection, str, Sequence[tuple[str, str]]], dict[str, int]]


def count_failures(
    connection: duckdb.DuckDBPyConnection, relation: str, queries: Sequence[tuple[str, str]], saw: Callable[[Any], None] | None = None
) -> dict[str, int]:
    """Rule id -> number of failing rows, for (rule id, SQL condition) pairs over one table of `connection`.

    `saw`, where given, is called with the validation result of Great Expectations. Raises RuleError when a condition raises:
    that is a fault of the rule, never bad data.
    """
    if not queries:
        return {}
    import great_expectations as gx
    from great_expectations.expectations import UnexpectedRowsExpectation

    context = _context()
    with _datasource(context, connection) as datasource:
        batch = datasource.add_table_asset(name=relation, table_name=relation).add_batch_definition_whole_table(relation)
        expectations = [
            UnexpectedRowsExpectation(unexpected_rows_query=failing_query("{batch}", condition, escape=True), meta={"rule_id": rule_id})
            for rule_id, condition in queries
        ]
        name = f"{relation}_{next(_numbers)}"
        suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))
        try:
            checked = batch.get_batch().validate(suite, result_format="BASIC")
        finally:
            context.suites.delete(name)
    answers = {result.expectation_config.meta["rule_id"]: result for result in checked.results}
    unanswered = [rule_id for rule_id, _ in queries if rule_id not in answers or _raised(answers[rule_id].exception_info)]
    if unanswered:
        # One failing statement aborts the transaction of those after it: find the rule that fails by itself.
        for rule_id, condition in queries:
            run(connection, rule_id, failing_query(relation, condition))
        raise RuleError(f"Great Expectations gave no answer for {', '.join(unanswered)}", where=relation)
    if saw:
        saw(checked)
    return {rule_id: int(answer.result["observed_value"]) for rule_id, answer in answers.items()}


def count_in_duckdb(connection: duckdb.DuckDBPyConnection, relation: str, queries: Sequence[tuple[str, str]]) -> dict[str, int]:
    """As count_failures, by the very same conditions, without Great Expectations: an answer in seconds cannot wait for its import."""
    counts = {}
    for rule_id, condition in queries:
        found = run(connection, rule_id, f"SELECT count(*) FROM ({failing_query(relation, condition)})").fetchone()
        counts[rule_id] = found[0] if found else 0
    return counts


def failing_query(relation: str, condition: str, *, escape: bool = False) -> str:
    """The one query of a rule: keys of the rows of `relation` that fail. Both the count and the findings come from it."""
    text = condition.replace("{", "{{").replace("}", "}}") if escape else condition
    return f"SELECT item_id FROM {relation} WHERE {text}"


def run(connection: duckdb.DuckDBPyConnection, rule_id: str, statement: str) -> duckdb.DuckDBPyConnection:
    """A rule's statement executed; what DuckDB says against it becomes a RuleError that names the rule."""
    try:
        return connection.execute(statement)
    except duckdb.Error as error:
        raise RuleError(
            f"rule '{rule_id}' raised an error: {str(error).splitlines()[0]}",
            where="expectations/rules",
            way_out="This is a fault of the rule, not of the data: mend its `fails` or its params; nothing was committed",
        ) from None


def _raised(exception_info: dict[str, Any]) -> bool:
    """Great Expectations nests exceptions by metric or not at all, depending on where they come from."""
    if exception_info.get("raised_exception"):
        return True
    return any(isinstance(part, dict) and _raised(part) for part in exception_info.values())


@cache
def _context() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


@contextmanager
def _datasource(context: Any, connection: duckdb.DuckDBPyConnection) -> Iterator[Any]:
    name = f"gate_{next(_numbers)}"
    source = _datasource_class()(name=name, connection_string="duckdb:///:memory:")
    source.lend(connection)
    # There is no public way to register a datasource of one's own type; tests/rules covers this call.
    context._add_fluent_datasource(source, save_changes=False)
    try:
        yield source
    finally:
        source.give_back()
        context.data_sources.all().pop(name, None)


@cache
def _datasource_class() -> type:
    """GX's SQL datasource on a connection that stays open: a result of DuckDB goes away with its connection."""
    import duckdb_engine
    import sqlalchemy as sa
    from great_expectations.compatibility import pydantic
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine

    class GateExecutionEngine(SqlAlchemyExecutionEngine):
        @contextmanager
        def get_connection(self) -> Iterator[Any]:
            if not self._connection:
                self._connection = self.engine.connect()
            yield self._connection

    class GateDatasource(SQLDatasource):
        type: Literal["tiendo_gate"] = "tiendo_gate"  # type: ignore[assignment]
        connection_string: str
        _lent: Any = pydantic.PrivateAttr(None)
        _gate_engine: Any = pydantic.PrivateAttr(None)
        _executor: Any = pydantic.PrivateAttr(None)

        def lend(self, connection: duckdb.DuckDBPyConnection) -> None:
            wrapped = duckdb_engine.ConnectionWrapper(connection.cursor())
            self._gate_engine = sa.create_engine("duckdb://", creator=lambda: wrapped, poolclass=sa.pool.StaticPool)

        def give_back(self) -> None:
            self._gate_engine.dispose()

        @property
        def execution_engine_type(self) -> Any:
            return GateExecutionEngine

        def get_engine(self) -> Any:
            return self._gate_engine

        def get_execution_engine(self) -> Any:
            if self._executor is None:
                self._executor = GateExecutionEngine(engine=self._gate_engine, create_temp_table=False)
            return self._executor

    return GateDatasource
