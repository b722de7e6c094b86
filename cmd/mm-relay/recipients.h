/* recipients.h: the recipients of a record that are still to be served, and how
 * their results are written back. */
#ifndef MM_RECIPIENTS_H
#define MM_RECIPIENTS_H

#include "address.h"
#include "record.h"

struct recipient {
	struct str field;   /* the whole value of rcpt-to */
	struct path path;   /* views into field, or into rewritten */
	char *text;         /* "<bob@example.org>"; owned */
	char *rewritten;    /* where it really goes, in brackets; owned; NULL: as it is */
	char *params;       /* NOTIFY and ORCPT; owned */
	enum status status; /* NONE until known */
	char *reply, *via;  /* owned */
};

struct recipients {
	struct recipient *list;
	size_t n;
};

/* Every rcpt-to of the record once that has no final result yet.  What is no
 * address has its status already.  Views into a copy of the record's fields,
 * which must stay until recipients_release(). */
void recipients_read(struct recipients *rs, const struct record *copy);

/* Replaces what `result` said about these recipients, adds `relayed`, sets the
 * outcome: the worst of all results.  final: who got it has it in the mailbox. */
void recipients_write(
	const struct recipients *rs, struct record *r, const char *relay, bool final);

void recipients_release(struct recipients *rs);

/* The parameters among these keywords (up to a NULL), to be freed. */
char *params_only(const struct path *p, const char *const *keywords);

#endif
