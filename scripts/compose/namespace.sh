#!/bin/sh
# Creates the namespace and its search attributes. Changes nothing where they are there.
# Reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, as the Temporal CLI does.
set -eu

tries=60
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS did not answer within a minute." >&2
    exit 1
  fi
  sleep 1
done

temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention "${TEMPORAL_RETENTION:-720h}"

# A namespace that was created a moment ago is not known everywhere at once.
tries=30
until
  temporal operator search-attribute create --type Keyword \
    --name ResizePhase --name ResizeOutcome --name ResizeCloud --name ResizeServerName &&
    temporal operator search-attribute create --type Datetime --name ResizeDecisionDeadline
do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 1
done
