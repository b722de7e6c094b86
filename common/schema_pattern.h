/* schema_pattern.h: does a text match the pattern of a shape?  Patterns are
 * compiled once and kept. */
#ifndef MM_SCHEMA_PATTERN_H
#define MM_SCHEMA_PATTERN_H

#include <stdbool.h>

#include "str.h"

/* pattern is PCRE2, anchored at both ends, and stays where it is for the life of
 * the program; text is UTF-8.  A match that takes too many steps is none. */
bool pattern_matches(const char *pattern, struct str text);

#endif
