-- Run once by the postgres image, as its superuser: a role with databases of its own for Temporal, MLflow and the audit
-- log, and no way from one into another's. Passwords come from variables.
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv mlflow_password MLFLOW_DB_PASSWORD
\getenv audit_password AUDIT_DB_PASSWORD

create role temporal login password :'temporal_password';
create role mlflow login password :'mlflow_password';
create role audit login password :'audit_password';

create database temporal owner temporal;
create database temporal_visibility owner temporal;
create database mlflow owner mlflow;
create database audit owner audit;

revoke connect, temporary on database temporal, temporal_visibility, mlflow, audit, postgres, template1 from public;
