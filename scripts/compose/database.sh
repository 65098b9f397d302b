#!/bin/sh
# Creates Temporal's two databases and brings their schema up to date. Changes nothing where both are as they should be.
set -eu

for name in temporal temporal_visibility; do
  # The schema of the visibility database lies in a folder named without the prefix.
  schema="/etc/temporal/schema/postgresql/v12/${name#temporal_}/versioned"
  temporal-sql-tool --plugin postgres12 --db "$name" create
  temporal-sql-tool --plugin postgres12 --db "$name" setup-schema -v 0.0
  temporal-sql-tool --plugin postgres12 --db "$name" update-schema -d "$schema"
done
