#include "facts.h"
#include "facts_parts.h"

const struct mimetext *
facts_parts(struct facts_parts *p, const struct message *msg)
{
	if (!msg)
		return NULL;
	if (!p->ready) {
		p->text.measure = true;
		mimetext_extract(&p->text, msg->octets, FACTS_MAX_BODY);
		p->ready = true;
	}
	return &p->text;
}

void
facts_parts_release(struct facts_parts *p)
{
	mimetext_release(&p->text);
}
