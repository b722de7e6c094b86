/* Lines: mail-from, rcpt-to, a reply; then the message.  A notification that is made
 * has no NUL and no line end but CRLF outside a message given back whole. */
#include <stdint.h>
#include <stdlib.h>

#include "dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct record *r)
{
	const char *p = r->body->p;
	for (size_t i = 0; i < r->body->n; i++)
		if (p[i] == '\0' || (p[i] == '\n' && (i == 0 || p[i - 1] != '\r')) ||
			(p[i] == '\r' && (i + 1 == r->body->n || p[i + 1] != '\n')))
			abort();
}

static void
notify(const struct record *of, struct str rcpt_to, struct str reply)
{
	for (int action = DSN_FAILED; action <= DSN_DELIVERED; action++) {
		struct record *out = NULL;
		struct dsn_recipient rcpt = {
			rcpt_to, reply, reply, (enum dsn_action)action, false};
		struct dsn d = {"gw.example", of, 1000, 2000, 3000, &rcpt, 1};
		if (dsn_make(&d, &out) == DSN_MADE)
			check(out);
		record_free(out);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_n((const char *)data, size);
	struct record *of = record_new();
	record_add(of, "id", STR("a1"));
	record_add(of, "mail-from", str_cut(&rest, '\n'));
	record_add(of, "rcpt-to", rest.p ? str_cut(&rest, '\n') : STR("<b@x.example>"));
	record_add(of, "reply", rest.p ? str_cut(&rest, '\n') : STR("550 5.1.1 no"));
	if (rest.p)
		record_set_body(of, blob_copy(rest.p, rest.n));
	notify(of, record_get(of, "rcpt-to"), record_get(of, "reply"));
	record_free(of);
	return 0;
}
