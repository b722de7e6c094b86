#include <openssl/crypto.h>

#include "base64.h"
#include "sasl.h"
#include "smtp_auth.h"

#define MAX_ERROR 300 /* octets of what an OAuth server says */

static const struct {
	struct str name;
	unsigned bit;
} mechanisms[] = {
	{STR("SCRAM-SHA-256-PLUS"), AUTH_SCRAM_PLUS},
	{STR("SCRAM-SHA-256"), AUTH_SCRAM},
	{STR("PLAIN"), AUTH_PLAIN},
	{STR("LOGIN"), AUTH_LOGIN},
	{STR("OAUTHBEARER"), AUTH_OAUTHBEARER},
	{STR("XOAUTH2"), AUTH_XOAUTH2},
};

unsigned
smtp_auth_mechanism(struct str word)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++)
		if (str_ieq(word, mechanisms[i].name))
			return mechanisms[i].bit;
	return 0;
}

void
smtp_auth_offered(struct smtp_client *c, struct str word)
{
	c->auth_offered |= smtp_auth_mechanism(word);
}

/* Credentials are in it: what the buffer held before it moved is wiped as well. */
static void
send_base64(struct smtp_client *c, const char *before, struct buf *message)
{
	struct buf line = {0};
	buf_addstr(&line, before);
	base64_encode(buf_str(message), &line);
	buf_addstr(&line, "\r\n");
	buf_reserve(&c->out, line.n);
	buf_adds(&c->out, buf_str(&line));
	OPENSSL_cleanse(line.p, line.cap);
	buf_release(&line);
	if (message->p)
		OPENSSL_cleanse(message->p, message->cap);
	buf_release(message);
}

static void
start_scram(struct smtp_client *c, bool plus)
{
	char nonce[SCRAM_CLIENT_NONCE_SIZE];
	struct buf message = {0};
	bool may_plus = !c->settings->mechanisms || c->settings->mechanisms & AUTH_SCRAM_PLUS;
	enum scram_binding_use use = plus                       ? SCRAM_BIND_EXPORTER
				     : c->channel_n && may_plus ? SCRAM_NOT_OFFERED
								: SCRAM_CANNOT_BIND;
	scram_client_release(&c->scram);
	if (scram_client_nonce(nonce) < 0) {
		smtp_fail(c, STATUS_TEMPFAIL, "451 4.3.0 OpenSSL has no random octets");
		return;
	}
	scram_client_start(&c->scram, c->settings->user, nonce, use,
		str_n((const char *)c->channel, c->channel_n), &message);
	send_base64(c, plus ? "AUTH SCRAM-SHA-256-PLUS " : "AUTH SCRAM-SHA-256 ", &message);
	smtp_expect(c, CMD_AUTH_SCRAM, 0);
}

/* A token is good for whoever has it (RFC 6750 section 5.3): who gets it must be the server
 * that is meant. */
static bool
may_send_token(const struct smtp_client *c)
{
	return c->settings->tls >= SMTP_TLS_VERIFY || c->clear_auth;
}

/* Those that both sides know, and for which there is what they need. */
static unsigned
usable_mechanisms(const struct smtp_client *c)
{
	const struct smtp_settings *s = c->settings;
	unsigned usable = c->auth_offered & (s->mechanisms ? s->mechanisms : ~0u);
	if (!c->channel_n)
		usable &= ~(unsigned)AUTH_SCRAM_PLUS;
	if (!s->password)
		usable &= AUTH_BY_TOKEN;
	if (!s->token || !may_send_token(c))
		usable &= ~(unsigned)AUTH_BY_TOKEN;
	return usable;
}

/* The line, in which credentials are, is put together in a buffer that does not move. */
static void
send_token(struct smtp_client *c, bool bearer)
{
	const struct smtp_settings *s = c->settings;
	const char *server = s->server ? s->server : "";
	buf_reserve(
		&c->out, 2 * (strlen(s->token) + 3 * strlen(s->user) + strlen(server)) + 128);
	if (bearer) {
		buf_addstr(&c->out, "AUTH OAUTHBEARER ");
		sasl_oauthbearer(&c->out, s->user, s->token, server, s->server_port);
	} else {
		buf_addstr(&c->out, "AUTH XOAUTH2 ");
		sasl_xoauth2(&c->out, s->user, s->token);
	}
	buf_addstr(&c->out, "\r\n");
	c->auth_token = true;
	c->auth_bearer = bearer;
	smtp_expect(c, CMD_AUTH_TOKEN, 0);
}

static void
start_mechanism(struct smtp_client *c, unsigned usable)
{
	const struct smtp_settings *s = c->settings;
	if (usable & AUTH_BY_TOKEN) {
		send_token(c, usable & AUTH_OAUTHBEARER);
	} else if (usable & (AUTH_SCRAM_PLUS | AUTH_SCRAM)) {
		start_scram(c, usable & AUTH_SCRAM_PLUS);
	} else if (usable & AUTH_PLAIN) {
		buf_addstr(&c->out, "AUTH PLAIN ");
		sasl_plain(&c->out, s->user, s->password);
		buf_addstr(&c->out, "\r\n");
		smtp_expect(c, CMD_AUTH, 0);
	} else {
		buf_addstr(&c->out, "AUTH LOGIN\r\n");
		smtp_expect(c, CMD_AUTH_USER, 0);
	}
}

void
smtp_auth_start(struct smtp_client *c)
{
	unsigned usable = usable_mechanisms(c);
	if (!c->settings->user)
		c->phase = SMTP_READY;
	else if (!c->tls_on && !c->clear_auth)
		smtp_fail(c, STATUS_TEMPFAIL,
			"451 4.7.0 credentials are not sent without TLS, which the server does "
			"not offer");
	else if (usable)
		start_mechanism(c, usable);
	else if (c->settings->token && !may_send_token(c))
		smtp_fail(c, STATUS_TEMPFAIL,
			"451 4.7.0 an access token is sent only to a server that shows who it "
			"is; set TlsPolicy of the relay to VERIFY, or --tls verify");
	else
		smtp_fail(c, STATUS_TEMPFAIL,
			"451 4.7.0 the server offers no AUTH that can be used: %s",
			c->settings->password ? "SCRAM-SHA-256, PLAIN or LOGIN"
					      : "OAUTHBEARER or XOAUTH2");
}

/* Our credentials are at fault, not the mail: it waits. */
static void
refused(struct smtp_client *c)
{
	struct buf line = {0};
	smtp_reply_line(&c->reply, &line);
	c->token_refused = c->auth_token && c->reply.code == 535;
	smtp_fail(c, STATUS_TEMPFAIL, "454 4.7.0 AUTH was refused: %.*s%s%s%s",
		STR_ARG(buf_str(&line)), c->auth_error.n ? " (" : "", buf_cstr(&c->auth_error),
		c->auth_error.n ? ")" : "");
	buf_release(&line);
}

/* What the server says in base64; 0 or -1. */
static int
challenge(const struct smtp_client *c, struct buf *out)
{
	return base64_decode(str_trim(buf_str(&c->reply.text)), out);
}

static void
on_scram(struct smtp_client *c, enum smtp_command command)
{
	struct buf message = {0}, answer = {0};
	const char *wrong = NULL;
	if (challenge(c, &message) < 0)
		wrong = "its challenge is not base64";
	else if (command == CMD_AUTH_SCRAM)
		wrong = scram_client_prove(
			&c->scram, c->settings->password, buf_str(&message), &answer);
	else if (!scram_client_trusts(&c->scram, buf_str(&message)))
		wrong = "it does not know the password itself";
	if (wrong) {
		smtp_fail(c, STATUS_TEMPFAIL, "454 4.7.0 the server is not to be trusted: %s",
			wrong);
	} else {
		send_base64(c, "", &answer);
		smtp_expect(c, command == CMD_AUTH_SCRAM ? CMD_AUTH_SCRAM_FINAL : CMD_AUTH, 0);
	}
	buf_release(&message);
	buf_release(&answer);
}

/* RFC 7628 section 3.2.3: the error, in JSON, is acknowledged, and then comes the refusal. */
static void
on_token_error(struct smtp_client *c)
{
	struct buf error = {0};
	if (challenge(c, &error) == 0)
		for (size_t i = 0; i < error.n && i < MAX_ERROR; i++) {
			char octet = error.p[i];
			buf_addc(&c->auth_error, octet < ' ' || octet > '~' ? '?' : octet);
		}
	buf_addstr(&c->out, c->auth_bearer ? "AQ==\r\n" : "\r\n");
	smtp_expect(c, CMD_AUTH, 0);
	buf_release(&error);
}

static void
on_login(struct smtp_client *c, enum smtp_command command)
{
	bool user = command == CMD_AUTH_USER;
	base64_encode(str_of(user ? c->settings->user : c->settings->password), &c->out);
	buf_addstr(&c->out, "\r\n");
	smtp_expect(c, user ? CMD_AUTH_PASSWORD : CMD_AUTH, 0);
}

void
smtp_auth_reply(struct smtp_client *c, enum smtp_command command)
{
	bool scram = command == CMD_AUTH_SCRAM || command == CMD_AUTH_SCRAM_FINAL;
	if (scram && c->reply.code == 334)
		on_scram(c, command);
	else if (scram && c->reply.code / 100 == 2)
		smtp_fail(c, STATUS_TEMPFAIL,
			"454 4.7.0 the server is not to be trusted: it took AUTH without "
			"proof");
	else if (command == CMD_AUTH_TOKEN && c->reply.code == 334)
		on_token_error(c);
	else if (command != CMD_AUTH && c->reply.code == 334)
		on_login(c, command);
	else if ((command == CMD_AUTH || command == CMD_AUTH_TOKEN) && c->reply.code == 235 &&
		 !c->auth_error.n)
		c->phase = SMTP_READY;
	else
		refused(c);
}
