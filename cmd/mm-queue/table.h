/* table.h: messages of the queue for people, on standard output. */
#ifndef MM_QUEUE_TABLE_H
#define MM_QUEUE_TABLE_H

#include "store.h"

struct table {
	int columns; /* of the terminal; 0: lines are as long as they are */
	size_t messages;
	uint64_t octets;
};

void table_start(struct table *t);
void table_row(struct table *t, const struct store_row *row);
void table_end(const struct table *t); /* how many there were */

/* The address in a field; empty where there is none. */
struct str table_address(struct str field);

#endif
