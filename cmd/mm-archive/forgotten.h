/* forgotten.h: DIR/forgotten.jsonl, which tells what was erased without telling what it
 * was: ids are there as their SHA-256.  mm-archive(5) defines it. */
#ifndef MM_FORGOTTEN_H
#define MM_FORGOTTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

/* Durable when it returns 0; -1 after the reason was logged. */
int forgotten_write(const char *archive_dir, char **ids, size_t n, const char *reason);

/* All ids of the log, for the caller to free; NULL when there are none.  What is no line of it
 * is passed over. */
struct forgotten;
struct forgotten *forgotten_read(const char *archive_dir);
bool forgotten_has(struct forgotten *all, struct str id);
void forgotten_free(struct forgotten *all);

#endif
