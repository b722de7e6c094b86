/* source_metadata.h: the JSON that stands beside a message: NAME.json beside NAME.eml or
 * NAME, in a directory or in a packed file, whose entries may come in any order. */
#ifndef MM_SOURCE_METADATA_H
#define MM_SOURCE_METADATA_H

#include <stdbool.h>

#include "buf.h"

struct source_metadata;

/* NULL after the reason was logged.  source_metadata_free() after use; NULL is allowed. */
struct source_metadata *source_metadata_new(void);
void source_metadata_free(struct source_metadata *m);

/* Is it the name of one? */
bool source_metadata_name(struct str name);

/* Of the file at path.  1 with *text, a view until the next call; 0: there is none; -1 with
 * errno set, EFBIG for one beyond METADATA_MAX. */
int source_metadata_beside(struct source_metadata *m, const char *path, struct str *text);

/* Of a packed file: keeps one that is among its entries, finds that of an entry (as above), and
 * forgets all before the next packed file.  -1 after the reason was logged. */
int source_metadata_keep(struct source_metadata *m, struct str name, struct str text);
int source_metadata_of(struct source_metadata *m, struct str name, struct str *text);
int source_metadata_forget(struct source_metadata *m);

#endif
