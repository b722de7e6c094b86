#include <stdlib.h>

#include "clock.h"
#include "mem.h"
#include "transaction.h"

void
transaction_open(struct transaction *t, char *mail_from)
{
	transaction_reset(t);
	t->mail_from = mail_from;
	t->received_ms = clock_now_ms();
	(void)ulid_new(t->received_ms, t->id);
}

struct rcpt *
transaction_add(struct transaction *t, char *path)
{
	t->rcpts = xgrow(t->rcpts, &t->cap, t->nrcpts + 1, sizeof(*t->rcpts));
	struct rcpt *r = &t->rcpts[t->nrcpts++];
	*r = (struct rcpt){.path = path};
	return r;
}

void
transaction_reset(struct transaction *t)
{
	for (size_t i = 0; i < t->nrcpts; i++) {
		free(t->rcpts[i].path);
		free(t->rcpts[i].reply);
	}
	free(t->rcpts);
	free(t->mail_from);
	*t = (struct transaction){0};
}
