/* A session whose client, policy, handler and password check are all chosen by the
 * input.  What must hold, whatever is said: replies are lines of the protocol; a
 * message has an envelope and CRLF line ends only; nothing is taken after the end. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define PROBES_MAX 64

struct world {
	struct session s;
	struct buf in;
	size_t probes[PROBES_MAX];
	size_t nprobes;
	bool delivering, authenticating;
};

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
probe(struct session *s, size_t index, struct record *r)
{
	struct world *w = s->owner;
	must(w->nprobes < PROBES_MAX && record_count(r, "rcpt-to") == 1 && r->body->n == 0);
	must(record_has(r, "mail-from") && record_has(r, "id"));
	w->probes[w->nprobes++] = index;
	record_free(r);
}

static bool
busy(struct session *s)
{
	return s->commands % 31 == 30;
}

static void
deliver(struct session *s, struct record *r)
{
	struct world *w = s->owner;
	const char *p = r->body->p, *end = p + r->body->n;
	must(!w->delivering && record_count(r, "rcpt-to") > 0 && record_has(r, "mail-from"));
	must(!s->tx.chunked || end - p > 2);
	must(s->tx.chunked || (end - p >= 2 && end[-1] == '\n' && end[-2] == '\r'));
	for (; p < end && !s->tx.binary; p++) {
		must(*p != '\0');
		must(*p != '\n' || p[-1] == '\r');
		must(*p != '\r' || (p + 1 < end && p[1] == '\n'));
	}
	w->delivering = true;
	record_free(r);
}

static void
authenticate(struct session *s, const char *user, const char *password)
{
	struct world *w = s->owner;
	must(s->tls && *user && *password && !w->authenticating);
	w->authenticating = true;
}

static bool
scram(struct session *s, const char *user, struct scram_secret *out)
{
	struct world *w = s->owner;
	must(s->tls && *user && !w->authenticating);
	*out = (struct scram_secret){.n = 1};
	out->keys[0] = (struct scram_keys){.iterations = 4096, .salt_len = 1};
	w->authenticating = *user == '-';
	return *user != '-';
}

static void
scram_judged(struct session *s, bool good)
{
	struct world *w = s->owner;
	must(!good && s->sasl_user && !w->authenticating); /* it has no SHA-256 to invert */
	w->authenticating = true;
}

static void
refused(struct session *s, const struct rcpt *r, const char *reply)
{
	must(s->tx.mail_from && reply && (!r || r->state == RCPT_REFUSED));
}

static bool
client_is(struct session *s, const struct peer *p)
{
	must(s->offers_xclient && memchr(p->client_name, '\0', sizeof(p->client_name)));
	return p->client.port % 2 == 0;
}

static const struct session_ops ops = {.probe = probe,
	.busy = busy,
	.deliver = deliver,
	.authenticate = authenticate,
	.client_is = client_is,
	.scram = scram,
	.scram_judged = scram_judged,
	.refused = refused};

static void
check_output(struct session *s)
{
	struct str rest = buf_str(&s->out);
	while (rest.n) {
		const char *lf = memchr(rest.p, '\n', rest.n);
		must(lf && lf - rest.p >= 4 && lf[-1] == '\r');
		must(rest.p[0] >= '2' && rest.p[0] <= '5' && isdigit(rest.p[1]) &&
			isdigit(rest.p[2]) && (rest.p[3] == ' ' || rest.p[3] == '-'));
		must(!memchr(rest.p, '\r', (size_t)(lf - 1 - rest.p)));
		rest = str_skip(rest, (size_t)(lf - rest.p) + 1);
	}
	buf_reset(&s->out);
}

/* One thing that comes back from outside, as the octet says. */
static void
answer(struct world *w, uint8_t how)
{
	static const char *const words[] = {"ok", "tempfail", "permfail", "nonsense"};
	if (w->nprobes) {
		size_t i = how / 4 % w->nprobes;
		struct record *r = record_new();
		record_add(r, "status", str_of(words[how % 4]));
		record_add(r, "size-limit", STR("100"));
		size_t index = w->probes[i];
		w->probes[i] = w->probes[--w->nprobes];
		session_probed(&w->s, index, r);
		record_free(r);
	} else if (w->delivering) {
		w->delivering = false;
		struct record *r = record_new();
		record_add(r, "result", STR("<c@d> permfail 550 5.1.1 no"));
		session_delivered(&w->s, STATUS_OK, "250 2.0.0 ok", r);
		record_free(r);
	} else if (w->authenticating) {
		w->authenticating = false;
		session_authenticated(&w->s, (enum auth_result)(how % 3));
	} else if (w->s.phase == SESSION_STARTTLS) {
		must(w->in.n == 0);
		session_secured(&w->s, "TLSv1.3", "X", NULL);
	}
}

static void
client_says(struct world *w, struct str octets)
{
	buf_adds(&w->in, octets);
	bool ended = w->s.phase == SESSION_END;
	size_t used = session_input(&w->s, buf_str(&w->in));
	must(!ended || used == 0);
	buf_consume(&w->in, used);
	if (w->s.phase == SESSION_STARTTLS)
		buf_reset(&w->in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "mx.test", *policy[] = {name, NULL};
	struct config cfg = {.hostname = name,
		.max_size = 2000,
		.max_line = 100,
		.max_hops = 3,
		.max_recipients = 8,
		.max_errors = 20};
	struct peer peer = {.socket = true};
	struct world w = {0};
	if (size < 2)
		return 0;
	cfg.policy = data[0] & 1 ? policy : NULL;
	cfg.require_tls = data[0] & 2;
	cfg.require_auth = data[0] & 4;
	cfg.lmtp = (data[0] & 192) == 192;
	peer.socket = data[0] & 8;
	session_init(&w.s, &cfg, &ops, &w, &peer);
	w.s.offers_tls = data[0] & 16;
	w.s.offers_auth = data[0] & 32;
	w.s.offers_xclient = (data[0] & 48) == 48;
	w.s.offers_scram = data[0] & 128;
	w.s.channel.exporter = (struct scram_binding){.p = "binding", .n = 7};
	session_greet(&w.s);
	for (size_t at = 1; at < size;) {
		/* 0xff X: an answer; 0xfe: the end of a read; else octets of the client. */
		const uint8_t *p = data + at;
		size_t n = 0;
		while (at + n < size && p[n] < 0xfe)
			n++;
		client_says(&w, str_n((const char *)p, n));
		at += n;
		if (at + 1 < size && data[at] == 0xff)
			answer(&w, data[at + 1]);
		if (at < size)
			at += data[at] == 0xff ? 2 : 1;
		client_says(&w, STR(""));
		check_output(&w.s);
	}
	if (data[0] & 64)
		session_stop(&w.s);
	session_release(&w.s);
	buf_release(&w.in);
	return 0;
}
