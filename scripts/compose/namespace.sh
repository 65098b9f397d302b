#!/bin/sh
# Creates the namespace and its search attributes. Changes nothing where they are there.
# Reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, as the Temporal CLI does, and TEMPORAL_RETENTION.
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
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"

# One call for each: of several names in one call the CLI registers the first only.
for attribute in ResizePhase:Keyword ResizeOutcome:Keyword ResizeCloud:Keyword ResizeServerName:Keyword \
  ResizeDecisionDeadline:Datetime; do
  # A namespace that was created a moment ago is not known everywhere at once.
  tries=30
  until said=$(temporal operator search-attribute create --name "${attribute%:*}" --type "${attribute#*:}" 2>&1); do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "$attribute: $said" >&2
      exit 1
    fi
    sleep 1
  done
done
