#!/usr/bin/env bash
# Airflow's metadata database and the one-slot pool of the warehouse. Quick where both are there already.
set -euo pipefail
here="$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/airflow_env.sh
source "$here/airflow_env.sh"
mkdir -p "$AIRFLOW_HOME" "$TIENDO_HOME/log"
stamp="$AIRFLOW_HOME/.ready"
if [[ -f "$stamp" && "$stamp" -nt "$here/../requirements.lock" && -f "$AIRFLOW_HOME/airflow.db" ]]; then
    exit 0
fi
airflow db migrate
airflow pools set warehouse 1 "The warehouse has one writer at a time"
touch "$stamp"
