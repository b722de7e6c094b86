/* table.h: columns as wide as what is in them. */
#ifndef MM_RULE_TABLE_H
#define MM_RULE_TABLE_H

#include <stdio.h>

#include "buf.h"

struct table {
	const char *const *columns; /* their heads */
	size_t ncolumns;
	char **cells; /* row after row */
	size_t n, cap;
};

/* The next cell.  Control characters become '?', so that a message cannot write
 * on the terminal; what is very long is cut. */
void table_cell(struct table *t, struct str text);
void table_print(const struct table *t, FILE *out);
void table_release(struct table *t);

#endif
