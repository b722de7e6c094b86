#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "mem.h"
#include "utf8.h"
#include "verbs.h"

/* AUTH: RFC 4954, with PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login) */

#define AUTH_FAILURES_MAX 3

static const struct mechanism {
	struct str name;
	enum sasl_step first;
	const char *prompt;
} mechanisms[] = {
	{STR("PLAIN"), SASL_PLAIN, "334 "},
	{STR("LOGIN"), SASL_LOGIN_USER, "334 VXNlcm5hbWU6"},
};

static void
leave_sasl(struct session *s)
{
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
find_mechanism(struct str name)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++)
		if (str_ieq(name, mechanisms[i].name))
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
	else if (!find_mechanism(name))
		session_error(s, "504 5.5.4 expected AUTH PLAIN or AUTH LOGIN");
	else
		return true;
	return false;
}

void
auth_proceed(struct session *s, struct command *c)
{
	struct str initial = c->args;
	const struct mechanism *m = find_mechanism(str_word(&initial));
	initial = str_trim(initial);
	s->auth_method = m->name.p;
	s->sasl = m->first;
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
