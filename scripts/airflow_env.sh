# Sourced: the one place that says how Airflow runs on a single machine (docker-compose.yml says it for containers).
# All data, Airflow's own included, lives under TIENDO_HOME; nothing is sent anywhere.
# shellcheck shell=bash
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

TIENDO_HOME="$(realpath -m "${TIENDO_HOME:-$root/var}")"
TIENDO_PORT="${TIENDO_PORT:-8080}"
export TIENDO_HOME TIENDO_PORT
export PATH="$root/.venv/bin:$PATH"
unset PYTHONDONTWRITEBYTECODE

export AIRFLOW_HOME="$TIENDO_HOME/airflow"
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$AIRFLOW_HOME/airflow.db"
export AIRFLOW__CORE__DAGS_FOLDER="$root/dags"
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__EXECUTOR=LocalExecutor
export AIRFLOW__CORE__PARALLELISM=4
export AIRFLOW__LOGGING__BASE_LOG_FOLDER="$TIENDO_HOME/log/airflow"

# Only this machine can reach it, and everyone on this machine is admin: no password to lose.
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT="$TIENDO_PORT"
export AIRFLOW__API__BASE_URL="http://localhost:$TIENDO_PORT"
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:$TIENDO_PORT/execution/"
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True

export DO_NOT_TRACK=1
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
export SCARF_NO_ANALYTICS=true
export DBT_SEND_ANONYMOUS_USAGE_STATS=0
export GX_ANALYTICS_ENABLED=false
unset root
