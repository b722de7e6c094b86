/* pathset.h: a set of "<address>" texts, to see each of them once. */
#ifndef MM_RULE_PATHSET_H
#define MM_RULE_PATHSET_H

#include <stdbool.h>

#include "str.h"

struct pathset_entry;
struct pathset {
	struct pathset_entry *entries; /* {0} is empty */
};

/* True if it was not in yet.  path must outlive the set. */
bool pathset_add(struct pathset *s, struct str path);
void pathset_release(struct pathset *s);

#endif
