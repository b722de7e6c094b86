/* output.h: the forms in which results are printed. */
#ifndef MM_OUTPUT_H
#define MM_OUTPUT_H

#include "archive_frame.h"
#include "mail_archive.h"
#include "archive_query.h"

struct result {
	const struct mail_archive *archive;
	const struct archive_row *row;
	sqlite3 *db;
	struct frame_reader *frames;
};

/* Appends a result; several threads do so at a time, each for its own.  -1 after the
 * reason was logged; the search then goes on with the next. */
typedef int output_result(struct buf *out, const struct result *r);

/* How tables look. */
struct table {
	bool terminal; /* cut to its width */
	int width;
	bool colour;
	int archive;               /* columns for an archive's name; 0: it is not printed */
	const struct query *query; /* what to mark */
	const char *group;         /* of --group-by: the heading of what was counted */
};

/* Prints the heading where there is a terminal. */
void output_table_start(const struct table *t);
void output_table_end(void);
output_result output_table, output_json, output_stream, output_mbox, output_ids;

/* A line of --group-by. */
struct group {
	struct str value;
	int64_t count, size, last; /* messages, octets, ms */
};

void output_group_table(struct buf *out, const struct group *g);
void output_group_json(struct buf *out, const char *by, const struct group *g);

#endif
