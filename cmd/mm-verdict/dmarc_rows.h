/* dmarc_rows.h: reads the database of aggregate reports.  All return 0, or -1 when
 * the database cannot be read: sqlite3_errmsg() says why. */
#ifndef MM_VERDICT_DMARC_ROWS_H
#define MM_VERDICT_DMARC_ROWS_H

#include <sqlite3.h>
#include <stdint.h>

#include "dmarc_row.h"

struct dmarc_period {
	int64_t begin_ms, end_ms; /* the end is not within */
};

/* A domain with a policy record, and the last record that was seen in the period. */
typedef void dmarc_domain_each(
	void *arg, const char *domain, const char *record, const char *method);
int dmarc_rows_domains(
	sqlite3 *db, struct dmarc_period period, dmarc_domain_each *each, void *arg);

#define DMARC_ROWS_MAX 50000 /* of a report; those of the most messages */

/* Messages of which everything is the same; text as in struct dmarc_row. */
typedef void dmarc_row_each(void *arg, const char *const text[DMARC_COLUMNS], int64_t count);
int dmarc_rows_of(sqlite3 *db, const char *domain, struct dmarc_period period,
	dmarc_row_each *each, void *arg);

/* Deletes what is older. */
int dmarc_rows_prune(sqlite3 *db, int64_t before_ms);

#endif
