#!/usr/bin/env bash
# Airflow with scheduler and web page in one process tree, for this machine only.
set -euo pipefail
here="$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/airflow_env.sh
source "$here/airflow_env.sh"
if (exec 3<>"/dev/tcp/127.0.0.1/$TIENDO_PORT") 2>/dev/null; then
    echo "up: port $TIENDO_PORT is taken. Choose another: make up TIENDO_PORT=8090" >&2
    exit 1
fi
mkdir -p "$TIENDO_HOME/log"
log="$TIENDO_HOME/log/up.log"
echo "Preparing Airflow ..."
"$here/airflow_init.sh" >"$log" 2>&1 || { tail -n 15 "$log" >&2; exit 1; }
cat <<TEXT
Airflow:  http://localhost:$TIENDO_PORT   (ready in about 20 s; Ctrl-C stops it)
Data:     $TIENDO_HOME
Log:      $log
DAGs begin paused: switch on \`nightly\`, and \`collect_...\` for each campaign that is running.
TEXT
# In a process group of its own: standalone does not always end its children when it is interrupted together with them.
set -m
airflow standalone >>"$log" 2>&1 &
airflow=$!
stop() {
    trap '' INT TERM
    kill -TERM -- "-$airflow" 2>/dev/null || true
    for _ in {1..20}; do
        kill -0 -- "-$airflow" 2>/dev/null || break
        sleep 0.5
    done
    kill -KILL -- "-$airflow" 2>/dev/null || true
    echo "Airflow has ended"
    exit 0
}
trap stop INT TERM
wait "$airflow" || { echo "up: Airflow ended by itself; see $log" >&2; tail -n 15 "$log" >&2; exit 1; }
