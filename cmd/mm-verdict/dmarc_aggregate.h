/* dmarc_aggregate.h: the report of one domain: its rows, its document, its
 * destinations. */
#ifndef MM_VERDICT_DMARC_AGGREGATE_H
#define MM_VERDICT_DMARC_AGGREGATE_H

#include <ev.h>

#include "dmarc_rows.h"
#include "dmarc_rua.h"

struct dmarc_reporter {
	sqlite3 *db;
	struct dns *dns; /* NULL: no destination is verified */
	struct ev_loop *loop;
	struct dmarc_period period;
	const char *organization, *email;
	char *submitter; /* the domain of email, A-labels */
};

struct dmarc_aggregate {
	const struct dmarc_reporter *reporter;
	char *domain, *record, *method;
	struct dmarc_rua asked, wanted; /* wanted: those that may be sent it */
	struct answers *answers;        /* while destinations are verified */
	size_t *open;                   /* how many of them are */
};

struct dmarc_aggregates {
	struct dmarc_aggregate **list;
	size_t n, cap;
};

/* Those of all domains that ask for reports, their destinations verified where there
 * is a resolver.  0, or -1 when the database cannot be read. */
int dmarc_aggregates_find(struct dmarc_aggregates *all, const struct dmarc_reporter *r);
void dmarc_aggregates_release(struct dmarc_aggregates *all);

/* Appends the document, compressed; its file name and its id are the caller's to free.
 * 0, or -1 when the database cannot be read. */
int dmarc_aggregate_document(
	const struct dmarc_aggregate *a, struct buf *gz, char **file, char **id);

#endif
