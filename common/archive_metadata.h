/* archive_metadata.h: what the Mail Manager API tells of an archived message in a Row of
 * search results, and beside a message that is exported. */
#ifndef MM_ARCHIVE_METADATA_H
#define MM_ARCHIVE_METADATA_H

#include <jansson.h>

#include "archive_index.h"
#include "record.h"

/* Row's members, then ours: Archive, Size.  rec: the message as it was archived.  The caller
 * releases the object. */
json_t *archive_metadata(
	const char *archive, const struct archive_row *row, const struct record *rec);

#endif
