# tiendo with Airflow: locked packages with their hashes, bytecode compiled, no root at run time.
FROM python:3.11.14-slim-bookworm AS packages
WORKDIR /opt/tiendo
COPY requirements.lock ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --require-hashes --no-deps --no-input -r requirements.lock

FROM python:3.11.14-slim-bookworm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN useradd --uid 50000 --gid 0 --create-home tiendo \
    && install -d -o tiendo -g 0 -m 0775 /data /campaigns /opt/airflow
WORKDIR /opt/tiendo
COPY --from=packages /opt/tiendo/.venv .venv
COPY pyproject.toml README.md ./
COPY tiendo tiendo
COPY loaders loaders
COPY expectations expectations
COPY publishers publishers
COPY pipeline pipeline
COPY dbt_project dbt_project
COPY campaigns campaigns
COPY dags dags
RUN .venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation --no-input -e . \
    && (.venv/bin/python -m compileall -q -j 0 .venv/lib tiendo loaders expectations publishers pipeline || true)

ENV PATH=/opt/tiendo/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TIENDO_HOME=/data \
    TIENDO_CAMPAIGNS=/campaigns \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/tiendo/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/data/log/airflow \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    DO_NOT_TRACK=1 \
    SCARF_NO_ANALYTICS=true \
    DBT_SEND_ANONYMOUS_USAGE_STATS=0 \
    GX_ANALYTICS_ENABLED=false
USER 50000:0
VOLUME ["/data"]
CMD ["tiendo", "--help"]
