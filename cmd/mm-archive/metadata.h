/* metadata.h: what a message's metadata tells of its way in: JSON as exports have it beside
 * the message, mm-archive(1) export --metadata. */
#ifndef MM_METADATA_H
#define MM_METADATA_H

#include "json.h"
#include "record.h"

#define METADATA_MAX (1u << 20) /* octets of one */

/* Adds the fields of the envelope that it has, and the id if it is one of ours; *received is
 * changed when it tells the time (ms, not after `latest`).  Other members are passed over.
 * `file` is for messages.  0; or -1 with the problems added, rec is then half filled. */
int metadata_read(struct record *rec, int64_t *received, int64_t latest, const char *file,
	struct str text, struct problems *ps);

#endif
