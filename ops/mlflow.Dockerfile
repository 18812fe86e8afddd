# MLflow with the versions that `npm start` uses, PostgreSQL and S3. Build from the project's folder.
# All settings come from variables: MLFLOW_BACKEND_STORE_URI, MLFLOW_ARTIFACTS_DESTINATION, MLFLOW_WORKERS, …
FROM python:3.12-slim
COPY ops/mlflow/requirements.txt /requirements.txt
RUN pip install --no-cache-dir --require-hashes -r /requirements.txt \
    && useradd --uid 10001 --create-home mlflow
USER 10001
ENV MLFLOW_HOST=0.0.0.0 MLFLOW_PORT=5000
EXPOSE 5000
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/health', timeout=4)"]
# A line per request costs time.
CMD ["mlflow", "server", "--uvicorn-opts", "--no-access-log"]
