/* forgotten.h: DIR/forgotten.jsonl, which tells what was erased without telling what it
 * was: ids are there as their SHA-256.  mm-archive(5) defines it. */
#ifndef MM_FORGOTTEN_H
#define MM_FORGOTTEN_H

#include <stdbool.h>
#include <stddef.h>

/* Durable when it returns 0; -1 after the reason was logged. */
int forgotten_write(const char *archive_dir, char **ids, size_t n, const char *reason);

/* Does a line of it have the id?  What is no such line is passed over. */
bool forgotten_has(const char *archive_dir, const char *id);

#endif
