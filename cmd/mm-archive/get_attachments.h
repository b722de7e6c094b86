/* get_attachments.h: mm-archive get --attachments and --extract, for one message. */
#ifndef MM_ARCHIVE_GET_ATTACHMENTS_H
#define MM_ARCHIVE_GET_ATTACHMENTS_H

#include <stdbool.h>

#include "str.h"

/* Each returns an exit status of sysexits(3); what is wrong was logged. */

/* A line an attachment on standard output. */
int attachments_list(struct str id, struct str message, bool json);

/* Writes decoded attachments into files of their own in `dir` and prints the paths, or,
 * if dir is "-", the one that it is to standard output.  which: a number from 1, a name
 * as attachments_list() shows it, or "all". */
int attachments_extract(struct str id, struct str message, const char *which, const char *dir);

#endif
