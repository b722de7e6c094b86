#include <stdlib.h>

#include "delegation.h"
#include "mem.h"
#include "tap.h"

#define BEGIN "request=smtpd_access_policy\n"

static const struct {
	const char *name, *request, *envelope;
} cases[] = {
	{"what Postfix 3.7 sends at RCPT",
		BEGIN "protocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=192.0.2.7\n"
		      "client_name=mx.example.org\nclient_port=40000\n"
		      "reverse_client_name=mx.example.org\nserver_address=192.0.2.1\n"
		      "server_port=25\nhelo_name=mx.example.org\nsender=a@b.example\n"
		      "recipient=c@d.example\nrecipient_count=0\nqueue_id=\n"
		      "instance=123.456.7\nsize=4711\netrn_domain=\nstress=\n"
		      "sasl_method=plain\nsasl_username=you\nsasl_sender=\n"
		      "ccert_subject=solaris9.porcupine.org\nccert_issuer=Wietse+20Venema\n"
		      "ccert_fingerprint=C2:9D\nccert_pubkey_fingerprint=68:B3\n"
		      "encryption_protocol=TLSv1.3\n"
		      "encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\n"
		      "policy_context=submission\n\n",
		"id: 123.456.7\nclient-ip: 192.0.2.7\nserver-ip: 192.0.2.1\n"
		"client-port: 40000\nclient-name: mx.example.org\nserver-port: 25\n"
		"helo: mx.example.org\nprotocol: ESMTP\ntls: TLSv1.3\n"
		"tls-cipher: TLS_AES_256_GCM_SHA384\nauth-user: you\nauth-method: plain\n"
		"cert-cn: solaris9.porcupine.org\nmail-from: <a@b.example> SIZE=4711\n"
		"rcpt-to: <c@d.example>\n"},
	{"what is empty or unknown is absent",
		BEGIN "client_address=unknown\nclient_name=unknown\nsender=\nrecipient=\n"
		      "size=0\nencryption_protocol=\nccert_subject=\n\n",
		"mail-from: <>\n"},
	{"an IPv6 client", BEGIN "client_address=2001:db8::1\n\n",
		"client-ip: 2001:db8::1\nmail-from: <>\n"},
	{"local parts get their quotes",
		BEGIN "sender=a b@c\nrecipient=x\"y\\z@w@d.example\n\n",
		"mail-from: <\"a b\"@c>\nrcpt-to: <\"x\\\"y\\\\z@w\"@d.example>\n"},
	{"local parts that have them keep them", BEGIN "recipient=\"a b\"@c\n\n",
		"mail-from: <>\nrcpt-to: <\"a b\"@c>\n"},
	{"postmaster", BEGIN "recipient=postmaster\n\n",
		"mail-from: <>\nrcpt-to: <postmaster>\n"},
	{"xtext", BEGIN "ccert_subject=A+20B+2BC+zz+4\n\n",
		"cert-cn: A B+C+zz+4\nmail-from: <>\n"},
	{"controls do not pass", BEGIN "helo_name=a\rb\033c\n\n",
		"helo: a?b?c\nmail-from: <>\n"},
	{"a value may have =", BEGIN "helo_name=a=b\n\n", "helo: a=b\nmail-from: <>\n"},
	{"the last of two counts", BEGIN "helo_name=a\nhelo_name=b\n\n",
		"helo: b\nmail-from: <>\n"},
	{"a size that is no number", BEGIN "size=1x\nsender=a@b\n\n", "mail-from: <a@b>\n"},
	{"an instance that is no id", BEGIN "instance=a/b\n\n", "mail-from: <>\n"},
	{"another request", "request=junk\n\n", NULL},
	{"no request", "\n", NULL},
	{"no request attribute", "sender=a@b\n\n", NULL},
	{"no =", BEGIN "sender\n\n", NULL},
	{"no name", BEGIN "=x\n\n", NULL},
	{"SMTP", "EHLO mx.example.org\r\n", NULL},
	{"lines with CR", "request=smtpd_access_policy\r\n\r\n", NULL},
};

/* Feeds `piece` octets at a time; the envelope, NULL when it is broken or not
 * whole.  The caller frees. */
static char *
parse(struct str input, size_t piece, struct delegation *d)
{
	while (input.n) {
		struct str some = str_n(input.p, input.n < piece ? input.n : piece);
		size_t before = some.n;
		enum delegation_state state = delegation_feed(d, &some);
		input = str_skip(input, before - some.n);
		if (state == DELEGATION_BROKEN)
			return NULL;
		if (state == DELEGATION_WHOLE) {
			struct record *r = delegation_take(d);
			char *text = str_dup(buf_str(&r->head));
			record_free(r);
			return text;
		}
	}
	return NULL;
}

static void
check(const char *name, struct str request, const char *expected)
{
	static const size_t pieces[] = {1, 3, 1 << 20};
	for (size_t i = 0; i < 3; i++) {
		struct delegation d = {0};
		char *got = parse(request, pieces[i], &d);
		ok(expected ? got && strcmp(got, expected) == 0 : !got && d.error,
			"%s, %zu at a time", name, pieces[i]);
		ok(!expected || !delegation_begun(&d), "%s: ready for the next", name);
		free(got);
		delegation_release(&d);
	}
}

static void
limits(void)
{
	struct buf line = {0}, many = {0};
	buf_addstr(&line, BEGIN "x=");
	for (size_t i = 2; i < DELEGATION_MAX_LINE; i++)
		buf_addc(&line, 'a');
	size_t whole = line.n;
	buf_addstr(&line, "\n\n");
	check("a line at the limit", buf_str(&line), "mail-from: <>\n");
	line.n = whole;
	buf_addstr(&line, "a\n\n");
	check("a line above it", buf_str(&line), NULL);
	buf_addstr(&many, BEGIN);
	for (int i = 1; i < DELEGATION_MAX_ATTRIBUTES; i++)
		buf_addf(&many, "x%d=\n", i);
	whole = many.n;
	buf_addstr(&many, "\n");
	check("attributes at the limit", buf_str(&many), "mail-from: <>\n");
	many.n = whole;
	buf_addstr(&many, "y=\n\n");
	check("attributes above it", buf_str(&many), NULL);
	check("NUL", STR(BEGIN "sender=a\0b\n\n"), NULL);
	buf_release(&line);
	buf_release(&many);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].name, str_of(cases[i].request), cases[i].envelope);
	limits();
	return done();
}
