#include <stdio.h>

#include "output.h"

int
output_ids(const struct result *r)
{
	printf("%.*s\n", STR_ARG(r->row->id));
	return 0;
}

int
output_stream(const struct result *r)
{
	struct record *rec = frame_record(r->frames, r->db, r->row);
	if (!rec)
		return -1;
	printf("mail 1 %zu\n", rec->body->n);
	fwrite(rec->head.p, 1, rec->head.n, stdout);
	putchar('\n');
	fwrite(rec->body->p, 1, rec->body->n, stdout);
	record_free(rec);
	return 0;
}
