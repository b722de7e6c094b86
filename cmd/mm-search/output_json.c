#include <jansson.h>

#include "archive_metadata.h"
#include "clock.h"
#include "json_line.h"
#include "output.h"

static void
add_line(struct buf *out, json_t *o)
{
	json_line_add(out, o);
	json_decref(o);
}

int
output_json(struct buf *out, const struct result *r)
{
	struct record *rec = frame_record(r->frames, r->db, r->row);
	if (!rec)
		return -1;
	add_line(out, archive_metadata(r->archive->name, r->row, rec));
	record_free(rec);
	return 0;
}

void
output_group_json(struct buf *out, const char *by, const struct group *g)
{
	char last[CLOCK_RFC3339_SIZE];
	json_t *o = json_object();
	json_object_set_new(o, "GroupBy", json_string(by));
	json_object_set_new(o, "Value", json_stringn(g->value.p, g->value.n));
	json_object_set_new(o, "Count", json_integer((json_int_t)g->count));
	json_object_set_new(o, "Size", json_integer((json_int_t)g->size));
	json_object_set_new(
		o, "LastReceivedTimestamp", json_string(clock_rfc3339(g->last, last)));
	add_line(out, o);
}
