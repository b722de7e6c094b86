/* lookup.h: one message's questions to DNS lists, all asked at once. */
#ifndef MM_SCAN_LOOKUP_H
#define MM_SCAN_LOOKUP_H

#include "analyser.h"
#include "buf.h"
#include "dns.h"

/* The state of an analyser that asks DNS lists; its open and close. */
struct list_asker {
	struct dns *dns;
	const struct scan_settings *settings;
};
void *list_asker_open(struct ev_loop *loop, const struct scan_settings *settings);
void list_asker_close(void *state);

struct lookup;

/* Never called from within. */
typedef void lookup_done(void *arg);

/* What is not answered within the time of the settings counts as failed. */
struct lookup *lookup_new(const struct list_asker *asker, lookup_done *done, void *arg);
void lookup_free(struct lookup *l);

/* Asks every list about `label`, an address turned round or a domain.  `subject` and
 * `where`, which must outlive the lookup, are for findings; NULL: not told. */
void lookup_ask(struct lookup *l, const char *label, const char *subject, const char *where);

/* Writes what was found and ends the scan.  Frees the lookup. */
void lookup_conclude(struct lookup *l, struct scan *s);

#endif
