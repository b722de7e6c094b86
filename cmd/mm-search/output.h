/* output.h: the forms in which results are printed. */
#ifndef MM_OUTPUT_H
#define MM_OUTPUT_H

#include "archive_frame.h"
#include "mail_archive.h"

struct result {
	const struct mail_archive *archive;
	const struct archive_row *row;
	sqlite3 *db;
	struct frame_reader *frames;
};

/* -1 after the reason was logged; the search then goes on with the next. */
typedef int output_result(const struct result *r);

/* archive: columns for an archive's name; 0: it is not printed. */
void output_table_start(int archive);
output_result output_table, output_json, output_stream, output_ids;

#endif
