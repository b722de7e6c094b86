/* textmap.h: numbers by text: "<address>"es, lines of records. */
#ifndef MM_RULE_TEXTMAP_H
#define MM_RULE_TEXTMAP_H

#include <stdbool.h>

#include "str.h"

struct textmap_entry;
struct textmap {
	struct textmap_entry *entries; /* {0} is empty */
};

/* True if it was not in yet; else the number stays as it was.  text must outlive
 * the map. */
bool textmap_add(struct textmap *m, struct str text, size_t number);

/* Where the number of a text stands, to be read or changed; NULL if it is not in. */
size_t *textmap_find(const struct textmap *m, struct str text);
void textmap_release(struct textmap *m);

#endif
