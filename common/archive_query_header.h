/* archive_query_header.h: looks into the header fields of archived messages, for what
 * the index cannot say. */
#ifndef MM_ARCHIVE_QUERY_HEADER_H
#define MM_ARCHIVE_QUERY_HEADER_H

#include <sqlite3.h>

#include "archive_frame.h"

/* Gives the connection header_contains(NUMBER, FIELD, TEXT): does a field of that
 * name, decoded and case folded, have the text (folded too) in it?  NULL where the
 * message cannot be read, which frames->unread remembers.  0, or -1. */
int header_contains_define(sqlite3 *db, struct frame_reader *frames);

#endif
