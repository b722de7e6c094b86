/* Our own SPF engine, over records and answers as an attacker writes them.  A line each:
 * the sender's local part, the HELO name, then "NAME-LETTER TYPE TEXT" answers: for a
 * question the letter of its first octet and its type choose among them.  Some are not
 * there at first.  What comes out is bounded and printable, and the same however often
 * the machine had to stop. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "mem.h"
#include "spf_engine.h"
#include "spf_macro.h"

#define MAX_LINES 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of answers.c. */
struct answers {
	struct answer list[MAX_LINES];
	struct str rdata[MAX_LINES][12];
	char *octets[MAX_LINES];
	char first[MAX_LINES];
	enum dns_type type[MAX_LINES];
	size_t n;
	int questions, late; /* every so many questions are not answered yet; 0: none */
};

const struct answer *
answers_get(struct answers *a, const char *name, enum dns_type type)
{
	static const struct answer none = {.status = DNS_NXDOMAIN, .why = "NXDOMAIN"};
	if (strlen(name) >= DNS_NAME_SIZE)
		abort();
	if (a->late && ++a->questions % a->late == 0)
		return NULL;
	for (size_t i = 0; i < a->n; i++)
		if (a->type[i] == type && a->first[i] == *name)
			return &a->list[i];
	return &none;
}

static void
wire_text(struct buf *b, struct str text)
{
	do {
		size_t n = text.n > 255 ? 255 : text.n;
		buf_addc(b, (char)n);
		buf_add(b, text.p, n);
		text = str_skip(text, n);
	} while (text.n);
}

static void
wire_name(struct buf *b, struct str text)
{
	while (text.p) {
		struct str label = str_cut(&text, '.');
		if (label.n == 0 || label.n > 63)
			continue;
		buf_addc(b, (char)label.n);
		buf_adds(b, label);
	}
	buf_addc(b, '\0');
}

static void
add_answer(struct answers *a, struct str line)
{
	size_t i = a->n;
	struct buf b = {0};
	if (line.n < 3 || i == MAX_LINES)
		return;
	char kind = line.p[1];
	struct str text = str_skip(line, 3);
	a->first[i] = line.p[0];
	a->type[i] = kind == 'm'   ? DNS_MX
		     : kind == 'p' ? DNS_PTR
		     : kind == 'a' ? DNS_A
		     : kind == '6' ? DNS_AAAA
				   : DNS_TXT;
	if (kind == 'm')
		buf_add(&b, "\0\1", 2);
	if (kind == 'm' || kind == 'p')
		wire_name(&b, text);
	else if (kind == 'a' || kind == '6')
		buf_adds(&b, text);
	else
		wire_text(&b, text);
	a->octets[i] = xmemdup0(b.n ? b.p : "", b.n);
	a->list[i] = (struct answer){.status = kind == '!' ? DNS_TEMPFAIL : DNS_FOUND,
		.n = kind == '!'   ? 0
		     : kind == 't' ? 1
				   : (size_t)(unsigned char)line.p[2] % 12 + 1,
		.rdata = a->rdata[i],
		.why = "found"};
	for (size_t k = 0; k < 12; k++)
		a->rdata[i][k] = str_n(a->octets[i], b.n);
	a->n++;
	buf_release(&b);
}

static struct spf_outcome
evaluate(const struct spf_query *q, struct answers *a, int late)
{
	struct spf_outcome out = {0};
	struct spf_check *c = spf_native.start(q, a);
	a->late = late;
	a->questions = 0;
	for (int i = 0; spf_native.step(c, &out) == STEP_WAIT; i++) {
		if (i > 10000)
			abort();
		if (i > 200)
			a->late = 0;
	}
	spf_native.end(c);
	for (const char *p = out.explanation; *p; p++)
		if (*p < ' ' || *p > '~')
			abort();
	if (out.lookups > SPF_MAX_LOOKUPS || out.result > AUTH_PERMERROR)
		abort();
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answers *a = xcalloc(1, sizeof(*a));
	struct str rest = str_n((const char *)data, size);
	char *local = str_dup(str_cut(&rest, '\n')), *helo = str_dup(str_cut(&rest, '\n'));
	struct spf_query q = {
		.ip = {.family = size % 2 ? AF_INET : AF_INET6, .octets = {192, 0, 2, 1}},
		.domain = "example.org",
		.helo = helo,
		.receiver = "mx.example"};
	q.sender = xasprintf("%.300s@example.org", local);
	while (rest.p)
		add_answer(a, str_cut(&rest, '\n'));
	struct spf_outcome once = evaluate(&q, a, 0);
	for (int late = 2; late < 5; late++) {
		struct spf_outcome again = evaluate(&q, a, late);
		if (again.result != once.result || again.lookups != once.lookups ||
			strcmp(again.reason, once.reason) != 0)
			abort();
	}
	for (size_t i = 0; i < a->n; i++)
		free(a->octets[i]);
	free((void *)(uintptr_t)q.sender);
	free(local);
	free(helo);
	free(a);
	return 0;
}
