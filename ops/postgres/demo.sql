-- Run once by the postgres image, as its superuser. The demo role owns its own database and nothing else.
create role demo login password 'demo';
create database demo owner demo;
\connect demo
set role demo;
\include /demo/setup-demo-postgres.sql
