/* batch.h: what arrived of one day, made durable together: frames appended and
 * synced, then one transaction of the index. */
#ifndef MM_BATCH_H
#define MM_BATCH_H

#include <uthash.h>

#include "month_store.h"

#define BATCH_FRAME_MESSAGES 64
#define BATCH_FRAME_OCTETS (1u << 20) /* of unpacked tar; one message may be more */

struct texts;

struct pending {
	struct record *rec;
	struct month month;
	int day;
	struct index_message row; /* .frame counts the batch's frames until the commit */
	struct index_text text;
	size_t place; /* in the list that texts_begin() got */
	uint64_t end; /* octets of that list, up to and with this one */
	bool duplicate;
	size_t arrival;
	struct pending *first; /* of the same id in the same batch, or NULL */
	UT_hash_handle hh;
};

/* 0: all are durable (those that were there before have .duplicate set).  1: the
 * month was pruned away or its index replaced; open it anew.  -1: nothing was archived, the
 * reason was logged; *full is set when it was for want of space.  After anything but 0 the
 * store must be closed. */
int batch_commit(struct month_store *s, struct tar_frame *packer, struct texts *texts,
	struct pending **list, size_t n, bool *full);

/* Fields of a record that belong to its way through the gateway, not to the
 * message; they are not archived. */
bool batch_field_kept(struct str name);

#endif
