#!/bin/bash
# The same as archive-crash.sh, in an encrypted archive.
exec bash "$(dirname "$0")/archive-crash.sh" encrypted
