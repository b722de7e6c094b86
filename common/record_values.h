/* record_values.h: all values of a field of a record, for asking which there are. */
#ifndef MM_RECORD_VALUES_H
#define MM_RECORD_VALUES_H

#include "record.h"

struct record_values {
	struct str *list; /* sorted; views into the record */
	size_t n;
};

void record_values_read(struct record_values *v, const struct record *r, const char *name);
bool record_values_has(const struct record_values *v, struct str value);
void record_values_release(struct record_values *v);

#endif
