/* The libraries behind their fences, and our own engine: SPF records and signed messages as an
 * attacker writes them, who also answers the DNS.  The first line is every TXT record there is,
 * the rest a message. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "arc_check.h"
#include "authres.h"
#include "dkim_check.h"
#include "line_ends.h"
#include "mem.h"
#include "spf_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of answers.c: everything is known at once. */
struct answers {
	struct answer txt, mx, ptr, a, aaaa, none;
};

const struct answer *
answers_get(struct answers *a, const char *name, enum dns_type type)
{
	if (strstr(name, "none"))
		return &a->none;
	return type == DNS_TXT   ? &a->txt
	       : type == DNS_MX  ? &a->mx
	       : type == DNS_PTR ? &a->ptr
	       : type == DNS_A   ? &a->a
				 : &a->aaaa;
}

static void
fill(struct answer *a, struct str *rdata)
{
	*a = (struct answer){.status = DNS_FOUND, .n = 1, .rdata = rdata, .why = "found"};
}

static void
run_spf(struct answers *answers, struct str sender)
{
	struct spf_query q = {.ip = {.family = AF_INET, .octets = {192, 0, 2, 1}},
		.domain = "example.org",
		.helo = "h.example",
		.receiver = "mx.example"};
	struct spf_outcome out;
	char *local = str_dup(sender);
	for (char *p = local; *p; p++)
		if (*p == '@' || *p == '\n')
			*p = '-';
	q.sender = xasprintf("%.64s@example.org", local);
	struct spf_check *c = spf_libspf2.start(&q, answers);
	if (spf_libspf2.step(c, &out) != STEP_DONE || out.result > AUTH_PERMERROR)
		abort();
	spf_libspf2.end(c);
	free((void *)(uintptr_t)q.sender);
	free(local);
}

static void
run_arc(struct answers *answers, const struct message *msg)
{
	static char domain[] = "example.org";
	char *const trusted[] = {domain, NULL};
	struct arc_outcome out;
	struct arc_check *c = arc_start(msg, answers, 1700000000);
	if (arc_step(c, &out) != STEP_DONE || out.instance > ARC_MAX_INSTANCE)
		abort();
	if (out.result == AUTH_PASS)
		(void)arc_vouched(c, trusted, domain);
	for (size_t i = 0; i < msg->nfields; i++)
		(void)authres_says_dmarc_pass(msg->fields[i].value, STR("example.org"));
	arc_end(c);
}

static void
run_dkim(struct answers *answers, struct str message)
{
	static const struct dkim_engine *const engines[] = {&dkim_opendkim, &dkim_native};
	struct message msg = {0};
	struct buf normal = {0};
	message_parse(&msg, line_ends_normal(message, &normal));
	for (size_t k = 0; k < 2; k++) {
		size_t n;
		struct dkim_check *c = dkim_start(engines[k], &msg, answers, 5, 1700000000);
		if (dkim_step(c) != STEP_DONE)
			abort();
		const struct dkim_signature *s = dkim_results(c, &n);
		for (size_t i = 0; i < n; i++)
			if (!s[i].decided)
				abort();
		dkim_end(c);
	}
	run_arc(answers, &msg);
	message_release(&msg);
	buf_release(&normal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mx_data[] = "\0\1\1h\7example\0";
	struct str rest = str_n((const char *)data, size), line = str_cut(&rest, '\n');
	struct str txt, mx = str_n(mx_data, sizeof(mx_data) - 1), ptr = str_skip(mx, 2);
	struct str a = STR("\300\0\2\2"), aaaa = STR("0123456789abcdef");
	struct answers answers = {.none = {.status = DNS_NXDOMAIN, .why = "NXDOMAIN"}};
	struct buf wire = {0};
	for (size_t at = 0; at < line.n || at == 0; at += 255) {
		struct str piece = str_skip(line, at);
		piece.n = piece.n > 255 ? 255 : piece.n;
		buf_addc(&wire, (char)piece.n);
		buf_adds(&wire, piece);
	}
	txt = buf_str(&wire);
	fill(&answers.txt, &txt);
	fill(&answers.mx, &mx);
	fill(&answers.ptr, &ptr);
	fill(&answers.a, &a);
	fill(&answers.aaaa, &aaaa);
	run_spf(&answers, line);
	if (rest.n)
		run_dkim(&answers, rest);
	buf_release(&wire);
	return 0;
}
