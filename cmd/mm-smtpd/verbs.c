#include <stdlib.h>

#include "mem.h"
#include "receive.h"
#include "verbs.h"

enum {
	NEEDS_HELO = 1, /* EHLO or HELO before */
	NEEDS_TLS = 2,  /* where the ingress point requires it */
	NEEDS_AUTH = 4, /* likewise */
	NEEDS_MAIL = 8, /* an open transaction */
	NO_ARGS = 16,   /* nothing may follow */
	LAST = 32,      /* the client must wait for the reply: RFC 2920 section 3.1 */
	OVERTAKES = 64, /* taken while recipients are unanswered */
	IDLE = 128,     /* moves nothing forward: only so many */
	BRINGS = 256,   /* octets follow, also when it is refused */
	SMTP_ONLY = 512,
	LMTP_ONLY = 1024, /* RFC 2033 section 4.1 */
};

struct verb {
	struct str name;
	unsigned flags;
	verb_check *check; /* may be NULL */
	verb_proceed *proceed;
};

#define IDLE_COMMANDS_MAX 200

static void
greet_back(struct session *s, struct str name, bool esmtp)
{
	receive_abandon(s);
	free(s->helo);
	s->helo = str_dup(name);
	s->esmtp = esmtp;
}

/* RFC 5321 wants a domain or an address literal; what clients say is recorded,
 * and judged by those who read the record. */
bool
verbs_helo_fine(struct str name)
{
	bool fine = name.n > 0 && name.n <= 255;
	for (size_t i = 0; i < name.n; i++)
		fine = fine && (unsigned char)name.p[i] > ' ' && name.p[i] != 0x7f;
	return fine;
}

static bool
helo_check(struct session *s, struct command *c)
{
	bool fine = verbs_helo_fine(c->args);
	if (!fine)
		session_error(s, "501 5.5.4 expected the name of your host");
	return fine;
}

static void
helo_proceed(struct session *s, struct command *c)
{
	greet_back(s, c->args, false);
	session_reply(s, "250 %s", s->cfg->hostname);
}

static void
ehlo_proceed(struct session *s, struct command *c)
{
	greet_back(s, c->args, true);
	session_reply(s, "250-%s", s->cfg->hostname);
	session_reply(s, "250-PIPELINING");
	session_reply(s, "250-SIZE %zu", s->cfg->max_size);
	session_reply(s, "250-8BITMIME");
	session_reply(s, "250-BINARYMIME");
	session_reply(s, "250-CHUNKING");
	session_reply(s, "250-SMTPUTF8");
	session_reply(s, "250-ENHANCEDSTATUSCODES");
	session_reply(s, "250-DSN");
	session_reply(s, "250-LIMITS RCPTMAX=%zu", s->cfg->max_recipients); /* RFC 9422 */
	if (s->tls)
		session_reply(s, "250-REQUIRETLS");
	if (s->offers_xclient)
		session_reply(
			s, "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT");
	if (s->offers_tls && !s->tls)
		session_reply(s, "250-STARTTLS");
	if (s->offers_auth && s->tls)
		auth_offer(s);
	session_reply(s, "250 HELP");
}

static bool
starttls_check(struct session *s, struct command *c)
{
	(void)c;
	if (s->tls)
		session_error(s, "503 5.5.1 TLS is on already");
	else if (!s->offers_tls)
		session_error(s, "502 5.5.1 TLS is not offered here");
	else
		return true;
	return false;
}

static void
starttls_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_reply(s, "220 2.0.0 ready to start TLS");
	s->phase = SESSION_STARTTLS;
}

static void
rset_proceed(struct session *s, struct command *c)
{
	(void)c;
	receive_abandon(s);
	session_reply(s, "250 2.0.0 ok");
}

static void
noop_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_reply(s, "250 2.0.0 ok");
}

static void
vrfy_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_reply(s, "252 2.1.5 send some mail and see");
}

static void
help_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_reply(s, "214 2.0.0 see RFC 5321");
}

static void
quit_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_end(s, "quit", "221 2.0.0 bye");
}

static void
expn_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_error(s, "502 5.5.1 there are no lists here");
}

/* A browser tricked into talking to a mail server sends one of these first. */
static void
http_proceed(struct session *s, struct command *c)
{
	(void)c;
	session_fault(s, "http", "502 5.7.0 this is a mail server");
}

#define MAIL_NEEDS (NEEDS_HELO | NEEDS_TLS | NEEDS_AUTH)

static const struct verb verbs[] = {
	{STR("MAIL"), MAIL_NEEDS, mail_check, mail_proceed},
	{STR("RCPT"), MAIL_NEEDS | NEEDS_MAIL | OVERTAKES, NULL, rcpt_proceed},
	{STR("DATA"), MAIL_NEEDS | NEEDS_MAIL | NO_ARGS | LAST, data_check, data_proceed},
	{STR("BDAT"), MAIL_NEEDS | NEEDS_MAIL | BRINGS, NULL, bdat_proceed},
	{STR("EHLO"), LAST | IDLE | SMTP_ONLY, helo_check, ehlo_proceed},
	{STR("HELO"), LAST | IDLE | SMTP_ONLY, helo_check, helo_proceed},
	{STR("LHLO"), LAST | IDLE | LMTP_ONLY, helo_check, ehlo_proceed},
	{STR("RSET"), NO_ARGS | IDLE, NULL, rset_proceed},
	{STR("QUIT"), 0, NULL, quit_proceed},
	{STR("STARTTLS"), NO_ARGS | NEEDS_HELO | LAST, starttls_check, starttls_proceed},
	{STR("AUTH"), NEEDS_HELO | LAST, auth_check, auth_proceed},
	{STR("XCLIENT"), LAST | IDLE, xclient_check, xclient_proceed},
	{STR("NOOP"), IDLE, NULL, noop_proceed},
	{STR("VRFY"), IDLE, NULL, vrfy_proceed},
	{STR("HELP"), IDLE, NULL, help_proceed},
	{STR("EXPN"), IDLE, NULL, expn_proceed},
	{STR("GET"), 0, NULL, http_proceed},
	{STR("POST"), 0, NULL, http_proceed},
	{STR("PUT"), 0, NULL, http_proceed},
	{STR("CONNECT"), 0, NULL, http_proceed},
};

static const struct verb *
find(struct str line, struct str *args)
{
	struct str rest = line, word = str_cut(&rest, ' ');
	*args = rest.p ? str_trim(rest) : STR("");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (str_ieq(word, verbs[i].name))
			return &verbs[i];
	return NULL;
}

bool
verbs_may_overtake(struct str line)
{
	struct str args;
	const struct verb *v = find(line, &args);
	return v && (v->flags & OVERTAKES);
}

/* The reply to a verb that comes at the wrong time; NULL when it does not. */
static const char *
out_of_place(const struct session *s, const struct verb *v, struct str args)
{
	if (v->flags & (s->cfg->lmtp ? SMTP_ONLY : LMTP_ONLY))
		return s->cfg->lmtp ? "500 5.5.1 this is LMTP, say LHLO"
				    : "500 5.5.1 this is SMTP, say EHLO";
	if ((v->flags & NEEDS_HELO) && !s->helo)
		return s->cfg->lmtp ? "503 5.5.1 say LHLO first" : "503 5.5.1 say EHLO first";
	if ((v->flags & NEEDS_TLS) && s->cfg->require_tls && !s->tls)
		return "530 5.7.0 must issue a STARTTLS command first";
	if ((v->flags & NEEDS_AUTH) && s->cfg->require_auth && !s->auth_user)
		return "530 5.7.0 authentication required";
	if ((v->flags & NEEDS_MAIL) && !s->tx.mail_from)
		return "503 5.5.1 say MAIL first";
	if ((v->flags & NO_ARGS) && args.n)
		return "501 5.5.4 no arguments expected";
	return NULL;
}

/* Whoever does not wait for replies where they must be waited for speaks through
 * somebody else's mouth; after STARTTLS it would be an injection into the secured
 * session (CVE-2011-0411). */
static bool
speaks_out_of_turn(struct session *s, const struct verb *v, bool trailing)
{
	if (!trailing || !(v->flags & LAST) ||
		(!s->peer->socket && v->proceed != starttls_proceed))
		return false;
	session_fault(s, "pipelining", "554 5.5.0 wait for the reply before you go on");
	return true;
}

bool
verbs_idle(struct session *s)
{
	if (++s->idle_commands > IDLE_COMMANDS_MAX)
		session_fault(s, "idling", "421 4.7.0 too many commands without a message");
	return s->phase != SESSION_END;
}

void
verbs_dispatch(struct session *s, struct str line, bool trailing)
{
	struct command c = {0};
	const struct verb *v = find(line, &c.args);
	s->commands++;
	if (!v) {
		session_error(s, "500 5.5.2 unknown command");
		return;
	}
	if (speaks_out_of_turn(s, v, trailing))
		return;
	if ((v->flags & IDLE) && !verbs_idle(s))
		return;
	c.wrong = out_of_place(s, v, c.args);
	if (c.wrong && !(v->flags & BRINGS))
		session_error(s, c.wrong);
	else if (!v->check || v->check(s, &c))
		v->proceed(s, &c);
}
