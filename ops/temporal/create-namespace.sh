#!/bin/sh
# Makes the namespace if it is missing, and ends when workers can use it. Addresses come from TEMPORAL_ADDRESS
# and TEMPORAL_NAMESPACE, which the command-line program reads itself.
set -eu

# Runs a command until it succeeds, two minutes at most.
retry() {
  attempt=0
  until "$@" >/dev/null 2>&1; do
    attempt=$((attempt + 1))
    if [ "$attempt" -ge 120 ]; then
      echo "Gave up after $attempt attempts: $*" >&2
      return 1
    fi
    sleep 1
  done
}

retry temporal operator cluster health
if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
# The server's services learn of a new namespace some seconds later.
retry temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --limit 1
echo "Namespace $TEMPORAL_NAMESPACE is ready"
