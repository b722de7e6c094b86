#include <stdint.h>

#include "attachment.h"
#include "mime_part.h"
#include "mimetext_header.h"

struct attachment_walk {
	attachment_each *each;
	void *arg;
	unsigned number;
	bool text_seen;
	struct buf charset; /* of the first text part so far, for raw octets in names */
	int rc;
};

static void
give(struct attachment_walk *w, const struct mime_part *p, struct str raw_name)
{
	struct buf name = {0}, decoded = {0};
	mimetext_header(&name, raw_name, buf_str(&w->charset));
	struct attachment a = {.number = ++w->number,
		.type = mime_part_type(p),
		.name = buf_str(&name),
		.octets = mime_part_octets(p, SIZE_MAX, &decoded)};
	w->rc = w->each(w->arg, &a);
	buf_release(&decoded);
	buf_release(&name);
}

static bool
visit(void *arg, const struct mime_part *p)
{
	struct attachment_walk *w = arg;
	struct buf name = {0};
	if (mime_part_attached(p, &name))
		give(w, p, buf_str(&name));
	if (!w->text_seen && (p->kind == MIME_TEXT || p->kind == MIME_BROKEN)) {
		w->text_seen = true;
		(void)mime_value_param(&p->type, "charset", &w->charset);
	}
	buf_release(&name);
	return w->rc == 0;
}

int
attachments(struct str octets, attachment_each *each, void *arg)
{
	struct attachment_walk w = {.each = each, .arg = arg};
	struct message m = {0};
	message_parse(&m, octets);
	mime_walk(&m, visit, &w);
	message_release(&m);
	buf_release(&w.charset);
	return w.rc;
}
