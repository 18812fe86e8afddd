# MLflow with the versions that `npm start` uses. Build from the project's folder.
FROM python:3.12-slim
COPY local/requirements.txt /requirements.txt
RUN pip install --no-cache-dir -r /requirements.txt \
    && useradd --create-home mlflow \
    && install --directory --owner=mlflow --group=mlflow /mlflow
USER mlflow
# SQLite keeps the write-ahead log in the file itself; without it each commit costs half as much again.
CMD ["/bin/sh", "-c", "python -c \"import sqlite3; sqlite3.connect('/mlflow/mlflow.db').execute('pragma journal_mode = wal')\" && exec mlflow server --host 0.0.0.0 --port 5000 --workers 1 --backend-store-uri sqlite:////mlflow/mlflow.db --artifacts-destination /mlflow/artifacts --uvicorn-opts --no-access-log"]
