#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "io.h"
#include "look.h"
#include "opt.h"
#include "stream.h"

struct showing {
	struct store *store;
	struct stream_writer out;
	int status;
};

static bool
show_row(void *arg, struct store_row *row)
{
	struct showing *sh = arg;
	char queued[CLOCK_RFC3339_SIZE];
	struct str reason = look_reason(row);
	if (store_load_body(sh->store, row->seq, row->size, row->rec) < 0)
		look_failed(sh->store);
	if (row->held == HELD_POISON)
		record_set(row->rec, "held", reason);
	else if (!reason.n)
		record_remove(row->rec, "held");
	record_set(row->rec, "queued", str_of(clock_rfc3339(row->queued, queued)));
	if (row->attempts)
		record_setf(row->rec, "attempt", "%u", row->attempts);
	stream_push(&sh->out, row->rec);
	row->rec = NULL;
	if (stream_flush(&sh->out, STDOUT_FILENO) != 0)
		look_unwritable();
	return true;
}

static void
show_missing(void *arg, const char *id)
{
	struct showing *sh = arg;
	sh->status = look_missing(id, "");
}

int
command_show(int argc, char **argv)
{
	struct showing sh = {.status = EX_OK};
	if (look_wants_json(argc, argv))
		opt_usage(EX_USAGE, "show: it prints stream records");
	sh.store = look_open(argc, argv, STORE_READ);
	look_some(argc);
	struct query *q = look_query(argv);
	if (query_each(sh.store, q, show_row, &sh, show_missing) < 0)
		look_failed(sh.store);
	query_free(q);
	stream_writer_release(&sh.out);
	store_close(sh.store);
	opt_finish(sh.status);
}
