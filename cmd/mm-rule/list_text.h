/* list_text.h: the lines of an address list: entries, once each, with comments and
 * empty lines kept where they are. */
#ifndef MM_RULE_LIST_TEXT_H
#define MM_RULE_LIST_TEXT_H

#include "json.h"
#include "textmap.h"

struct list_text {
	struct buf text;        /* as it was read */
	struct buf added;       /* lines behind it */
	struct textmap entries; /* of both, in lower case */
	char **folded;          /* owned, the keys of entries */
	size_t nfolded, cap;
	size_t nentries, changed;
};

/* Reads; a file that is not there is an empty list.  0, or -1 with a problem added. */
int list_text_read(struct list_text *l, const char *path, struct problems *ps);

/* Adds an entry that is not there yet; where it is none, or too many, a problem at
 * that line of `source`. */
void list_text_add(struct list_text *l, struct str entry, const char *source, size_t line,
	struct problems *ps);

/* Removes an entry; false when it is not there. */
bool list_text_remove(struct list_text *l, struct str entry);

/* Writes it, if it has changed, in one step.  0, or -1 with a problem added. */
int list_text_write(struct list_text *l, const char *path, struct problems *ps);
void list_text_release(struct list_text *l);

/* Adds what a file of CSV or JSON says, as Mail Manager imports and lists it. */
void list_import(struct list_text *l, const char *file, struct problems *ps);

#endif
