/* schema_text.h: the words in which a departure from a shape is told. */
#ifndef MM_SCHEMA_TEXT_H
#define MM_SCHEMA_TEXT_H

#include "schema.h"

/* Appends what the shape wants: `a string`, `"ALLOW" or "DENY"`, `a relay name
 * (letters, digits, - and _)`, `a list`. */
void schema_add_expected(struct buf *b, const struct shape *s);

/* Appends what stands there: `a number`, `"allow"` (cut when long), `a list`. */
void schema_add_found(struct buf *b, const json_t *value);

/* Appends `3 to 63 characters`, `at least 1`, `1 to 65535`. */
void schema_add_bounds(struct buf *b, const struct shape *s, const char *unit);

/* Appends the member names joined: `"A", "B" or "C"`; those that are accepted
 * and ignored are left out. */
void schema_add_members(struct buf *b, const struct member *members);

/* The member whose name is nearest to a mistyped one; NULL if none is near. */
const struct member *schema_nearest(const struct member *members, struct str name);

#endif
