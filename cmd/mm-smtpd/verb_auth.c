#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "mem.h"
#include "utf8.h"
#include "verbs.h"

/* AUTH: RFC 4954, with SCRAM (scram.h), PLAIN (RFC 4616) and LOGIN
 * (draft-murchison-sasl-login) */

#define AUTH_FAILURES_MAX 3

enum { SCRAM = 1, PLUS = 2 };

/* The strongest first: clients take the first that they know. */
static const struct mechanism {
	struct str name;
	unsigned flags;
	enum sasl_step first;
	const char *prompt;
} mechanisms[] = {
	{STR("SCRAM-SHA-256-PLUS"), SCRAM | PLUS, SASL_SCRAM_FIRST, "334 "},
	{STR("SCRAM-SHA-256"), SCRAM, SASL_SCRAM_FIRST, "334 "},
	{STR("PLAIN"), 0, SASL_PLAIN, "334 "},
	{STR("LOGIN"), 0, SASL_LOGIN_USER, "334 VXNlcm5hbWU6"},
};
#define NMECHANISMS (sizeof(mechanisms) / sizeof(*mechanisms))

static bool
offered(const struct session *s, const struct mechanism *m)
{
	return (!(m->flags & SCRAM) || s->offers_scram) &&
	       (!(m->flags & PLUS) || scram_can_bind(&s->channel));
}

void
auth_offer(struct session *s)
{
	struct buf names = {0};
	for (size_t i = 0; i < NMECHANISMS; i++)
		if (offered(s, &mechanisms[i]))
			buf_addf(&names, " %s", mechanisms[i].name.p);
	session_reply(s, "250-AUTH%s", buf_cstr(&names));
	buf_release(&names);
}

static void
leave_sasl(struct session *s)
{
	scram_free(s->scram);
	s->scram = NULL;
	free(s->sasl_user);
	s->sasl_user = NULL;
	s->auth_method = NULL;
	if (s->phase == SESSION_SASL)
		s->phase = SESSION_COMMAND;
}

static void
auth_failed(struct session *s, const char *reply)
{
	leave_sasl(s);
	if (++s->auth_failures >= AUTH_FAILURES_MAX)
		session_fault(s, "auth-failures", "421 4.7.0 too many failed logins");
	else
		session_reply(s, "%s", reply);
}

static bool
text_fine(struct str s)
{
	return s.n > 0 && s.n <= 255 && !memchr(s.p, '\0', s.n) && utf8_valid(s);
}

static void
try_login(struct session *s, struct str user, struct str password)
{
	if (!text_fine(user) || !text_fine(password)) {
		auth_failed(s, "535 5.7.8 Authentication failed");
		return;
	}
	char *u = str_dup(user), *p = str_dup(password);
	s->phase = SESSION_WAIT;
	s->ops->authenticate(s, u, p);
	explicit_bzero(p, password.n);
	free(p);
	free(s->sasl_user);
	s->sasl_user = u;
}

/* [authzid] NUL authcid NUL passwd; nobody may act for somebody else. */
static void
plain(struct session *s, struct str message)
{
	struct str rest = message, authzid = str_cut(&rest, '\0');
	struct str user = rest.p ? str_cut(&rest, '\0') : STR_NONE;
	if (!rest.p || memchr(rest.p, '\0', rest.n))
		auth_failed(s, "501 5.5.2 expected user and password");
	else if (authzid.n && !str_eq(authzid, user))
		auth_failed(s, "535 5.7.8 Authentication failed");
	else
		try_login(s, user, rest);
}

static void
challenge(struct session *s, struct str message, enum sasl_step next)
{
	struct buf encoded = {0};
	base64_encode(message, &encoded);
	session_reply(s, "334 %s", buf_cstr(&encoded));
	buf_release(&encoded);
	s->sasl = next;
	s->phase = SESSION_SASL;
}

static void
scram_fails(struct session *s, enum scram_result result)
{
	if (result == SCRAM_MALFORMED) {
		auth_failed(s, "501 5.5.2 expected a message of SCRAM");
	} else {
		s->phase = SESSION_WAIT;
		s->ops->scram_judged(s, false);
	}
}

static void
scram_first(struct session *s, struct str message)
{
	struct scram_secret secret = {0};
	struct buf out = {0};
	char nonce[SCRAM_NONCE_SIZE];
	enum scram_result result = scram_client_first(s->scram, message);
	if (result != SCRAM_MALFORMED) {
		s->sasl_user = xstrdup(scram_user(s->scram));
		if (!s->ops->scram(s, s->sasl_user, &secret)) {
			s->phase = SESSION_WAIT;
			return;
		}
	}
	if (result != SCRAM_OK) {
		scram_fails(s, result);
	} else if (scram_nonce(nonce) < 0) {
		verbs_authenticated(s, AUTH_UNAVAILABLE);
	} else {
		scram_server_first(s->scram, &secret, nonce, &out);
		challenge(s, buf_str(&out), SASL_SCRAM_FINAL);
	}
	explicit_bzero(&secret, sizeof(secret));
	buf_release(&out);
}

/* Judged before the client has the server's proof: whoever goes away with it has
 * learnt that the password is right. */
static void
scram_final(struct session *s, struct str message)
{
	struct buf out = {0};
	enum scram_result result = scram_client_final(s->scram, message, &out);
	if (result == SCRAM_OK) {
		s->ops->scram_judged(s, true);
		challenge(s, buf_str(&out), SASL_SCRAM_END);
	} else {
		scram_fails(s, result);
	}
	buf_release(&out);
}

/* The client has had the server's proof, and says so with nothing. */
static void
scram_end(struct session *s, struct str message)
{
	if (message.n) {
		auth_failed(s, "501 5.5.2 expected an empty line");
		return;
	}
	s->phase = SESSION_COMMAND;
	verbs_authenticated(s, AUTH_OK);
}

static void
sasl_step(struct session *s, struct str message)
{
	switch (s->sasl) {
	case SASL_PLAIN:
		plain(s, message);
		break;
	case SASL_LOGIN_USER:
		if (!text_fine(message)) {
			auth_failed(s, "535 5.7.8 Authentication failed");
			break;
		}
		s->sasl_user = str_dup(message);
		s->sasl = SASL_LOGIN_PASSWORD;
		s->phase = SESSION_SASL;
		session_reply(s, "334 UGFzc3dvcmQ6");
		break;
	case SASL_LOGIN_PASSWORD: {
		char *user = s->sasl_user;
		s->sasl_user = NULL;
		try_login(s, str_of(user), message);
		free(user);
		break;
	}
	case SASL_SCRAM_FIRST:
		scram_first(s, message);
		break;
	case SASL_SCRAM_FINAL:
		scram_final(s, message);
		break;
	case SASL_SCRAM_END:
		scram_end(s, message);
		break;
	}
}

static void
sasl_response(struct session *s, struct str encoded)
{
	struct buf message = {0};
	if (base64_decode(encoded, &message) < 0)
		auth_failed(s, "501 5.5.2 expected base64");
	else
		sasl_step(s, buf_str(&message));
	if (message.p)
		explicit_bzero(message.p, message.cap);
	buf_release(&message);
}

void
verbs_sasl_line(struct session *s, struct str line)
{
	if (str_eq(line, STR("*"))) {
		leave_sasl(s);
		session_error(s, "501 5.7.0 authentication cancelled");
	} else {
		sasl_response(s, line);
	}
}

static const struct mechanism *
find_mechanism(const struct session *s, struct str name)
{
	for (size_t i = 0; i < NMECHANISMS; i++)
		if (str_ieq(name, mechanisms[i].name) && offered(s, &mechanisms[i]))
			return &mechanisms[i];
	return NULL;
}

bool
auth_check(struct session *s, struct command *c)
{
	struct str rest = c->args, name = str_word(&rest);
	if (!s->offers_auth)
		session_error(s, "502 5.5.1 AUTH is not offered here");
	else if (!s->tls)
		session_error(s, "538 5.7.11 encryption required, STARTTLS first");
	else if (s->auth_user)
		session_error(s, "503 5.5.1 you are logged in already");
	else if (s->tx.mail_from)
		session_error(s, "503 5.5.1 AUTH comes before MAIL");
	else if (!find_mechanism(s, name))
		session_error(s, "504 5.5.4 expected a mechanism that EHLO lists");
	else
		return true;
	return false;
}

void
auth_proceed(struct session *s, struct command *c)
{
	struct str initial = c->args;
	const struct mechanism *m = find_mechanism(s, str_word(&initial));
	initial = str_trim(initial);
	s->auth_method = m->name.p;
	s->sasl = m->first;
	if (m->flags & SCRAM)
		s->scram = scram_new(&s->channel, m->flags & PLUS);
	if (initial.n) {
		sasl_response(s, str_eq(initial, STR("=")) ? STR("") : initial);
		return;
	}
	s->phase = SESSION_SASL;
	session_reply(s, "%s", m->prompt);
}

void
verbs_authenticated(struct session *s, enum auth_result result)
{
	switch (result) {
	case AUTH_OK:
		s->auth_user = s->sasl_user;
		s->sasl_user = NULL;
		scram_free(s->scram);
		s->scram = NULL;
		session_reply(s, "235 2.7.0 Authentication successful");
		break;
	case AUTH_FAILED:
		auth_failed(s, "535 5.7.8 Authentication failed");
		break;
	case AUTH_UNAVAILABLE:
		leave_sasl(s);
		session_reply(s, "454 4.7.0 cannot check passwords now, try again later");
		break;
	}
}
