/* journal.h: files of JSON Lines that only grow: who did what to an archive, when and why. */
#ifndef MM_JOURNAL_H
#define MM_JOURNAL_H

#include <jansson.h>

/* Appends the entry, which it takes, with Time as its first member, durably; what a crash
 * left of a last line is cut off.  0, or -1 after the reason was logged: then the file is as
 * it was, as far as that can be had. */
int journal_append(const char *path, json_t *entry);

/* The user's name, or number; the caller frees. */
char *journal_user(void);

#endif
