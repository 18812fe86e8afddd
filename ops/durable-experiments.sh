#!/bin/sh
# The one entry, as it is called in the image: all is installed there, and the launcher of the package not needed.
exec node "$(dirname "$(readlink -f "$0")")/../cli/main.ts" "$@"
