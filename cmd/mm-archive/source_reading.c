#include <string.h>

#include "source_reading.h"
#include "stream.h"

static void
on_message(void *ctx, struct str octets, uint64_t at, int64_t from_ms)
{
	struct reading *r = ctx;
	r->found.octets = octets;
	r->found.at = at;
	r->found.from_ms = from_ms;
	r->found.certain = r->mail || (r->mbox.kind == MBOX_YES && from_ms);
	if (at || from_ms)
		r->found.metadata = STR_NONE; /* of an mbox */
	if (!octets.p)
		r->source->bad(r->source->ctx, r->found.path, at, "the message is too large");
	else if (!*r->source->stop)
		r->source->message(r->source->ctx, &r->found);
}

/* mail.mbox.gz is an mbox, too. */
static struct str
without_packing(struct str name)
{
	static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst", ".lz4"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_iends(name, str_of(endings[i])))
			name.n -= strlen(endings[i]);
	return name;
}

static enum mbox_kind
kind_by_name(const struct source *s, struct str name)
{
	if (s->kind != MBOX_GUESS)
		return s->kind;
	name = without_packing(name);
	if (str_iends(name, STR("mbox")) || str_iends(name, STR(".mbx")))
		return MBOX_YES;
	return str_iends(name, STR(".eml")) ? MBOX_NO : MBOX_GUESS;
}

bool
source_holds_no_mail(struct str name)
{
	return str_iends(name, STR(".json")) || str_iends(name, STR(".jsonl"));
}

void
reading_start(struct reading *r, struct source *s, const char *path, struct str name)
{
	*r = (struct reading){.source = s,
		.found.path = path,
		.mail = s->kind == MBOX_NO || str_iends(without_packing(name), STR(".eml")),
		.mbox = {.message = on_message,
			.ctx = r,
			.kind = kind_by_name(s, name),
			.limit = STREAM_MAX_BODY}};
}
