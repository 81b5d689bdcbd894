# One image for every Airflow service of docker-compose.yaml. Daybreak is deployed as a checkout: the package is
# installed editable, so that the folder Airflow reads and the package that Python imports are the same files.
FROM python:3.11-slim

ENV AIRFLOW_HOME=/opt/airflow \
    GX_ANALYTICS_ENABLED=false \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1

WORKDIR /opt/daybreak

# The lock first: the layer of libraries stays while only Daybreak's own files change.
COPY requirements.txt ./
RUN pip install --requirement requirements.txt

COPY pyproject.toml README.md ./
COPY plugins ./plugins
COPY include ./include
COPY dags ./dags
# Bytecode now: the container's file system is read-only, and without it every command starts twice as slowly.
RUN pip install --no-deps --editable . \
    && python -m compileall -q plugins dags \
    && useradd --uid 50000 --gid 0 --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin daybreak \
    && install --directory --owner 50000 --group 0 --mode 0770 \
        /opt/airflow /var/lib/daybreak /var/lib/daybreak/landing /var/log/airflow

USER 50000:0
CMD ["airflow", "version"]
