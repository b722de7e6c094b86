#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "mem.h"
#include "num.h"
#include "utf8.h"
#include "verbs.h"
#include "xtext.h"

/* XCLIENT, as Postfix has it: a trusted client says whom it speaks for. */

static const char method[] = "XCLIENT"; /* of the login */

struct claim {
	struct peer peer;
	char *helo, *login;
	bool esmtp;
};

static bool
unavailable(struct str value)
{
	return str_ieq(value, STR("[UNAVAILABLE]")) || str_ieq(value, STR("[TEMPUNAVAIL]"));
}

static int
take_address(struct endpoint *e, struct str value)
{
	struct ip ip;
	if (unavailable(value)) {
		*e = (struct endpoint){.port = e->port};
		return 0;
	}
	if (str_istarts(value, STR("IPV6:")))
		value = str_skip(value, strlen("IPV6:"));
	if (ip_parse(value, &ip) < 0)
		return -1;
	endpoint_set(e, &ip, e->port);
	return 0;
}

static int
take_port(struct endpoint *e, struct str value)
{
	if (unavailable(value)) {
		e->port = 0;
		return 0;
	}
	return num_int(value, 1, 65535, &e->port);
}

static int
take_name(char name[PEER_NAME_SIZE], struct str value)
{
	if (unavailable(value))
		value = STR("");
	else if (!domain_valid(value))
		return -1;
	return str_copy(value, name, PEER_NAME_SIZE) ? 0 : -1;
}

static int
take_text(char **text, struct str value)
{
	free(*text);
	*text = unavailable(value) ? NULL : str_dup(value);
	return value.n <= 255 && utf8_valid(value) ? 0 : -1;
}

static int
take_protocol(bool *esmtp, struct str value)
{
	*esmtp = str_ieq(value, STR("ESMTP"));
	return *esmtp || str_ieq(value, STR("SMTP")) ? 0 : -1;
}

static int
take_attribute(struct claim *c, struct str key, struct str value)
{
	if (str_ieq(key, STR("ADDR")))
		return take_address(&c->peer.client, value);
	if (str_ieq(key, STR("PORT")))
		return take_port(&c->peer.client, value);
	if (str_ieq(key, STR("DESTADDR")))
		return take_address(&c->peer.server, value);
	if (str_ieq(key, STR("DESTPORT")))
		return take_port(&c->peer.server, value);
	if (str_ieq(key, STR("NAME")))
		return take_name(c->peer.client_name, value);
	if (str_ieq(key, STR("HELO")))
		return verbs_helo_fine(value) || unavailable(value) ? take_text(&c->helo, value)
								    : -1;
	if (str_ieq(key, STR("LOGIN")))
		return value.n ? take_text(&c->login, value) : -1;
	return str_ieq(key, STR("PROTO")) ? take_protocol(&c->esmtp, value) : -1;
}

static int
read_claim(struct claim *c, struct str args)
{
	struct buf value = {0};
	int rc = args.n ? 0 : -1;
	while (rc == 0 && args.n) {
		struct str text = str_word(&args), key = str_cut(&text, '=');
		buf_reset(&value);
		if (!text.p || xtext_decode(text, &value) < 0 ||
			utf8_text_length(buf_str(&value)) < value.n ||
			take_attribute(c, key, str_n(buf_cstr(&value), value.n)) < 0)
			rc = -1;
		args = str_trim(args);
	}
	buf_release(&value);
	return rc;
}

bool
xclient_check(struct session *s, struct command *c)
{
	(void)c;
	if (!s->offers_xclient)
		session_error(s, "550 5.7.0 XCLIENT is not for you");
	else if (s->tx.mail_from)
		session_error(s, "503 5.5.1 XCLIENT comes before MAIL");
	else
		return true;
	return false;
}

static void
believe(struct session *s, struct claim *c)
{
	session_restart(s);
	s->helo = c->helo;
	s->esmtp = c->esmtp;
	s->auth_user = c->login;
	s->auth_method = c->login ? method : NULL;
	c->helo = c->login = NULL;
}

void
xclient_proceed(struct session *s, struct command *c)
{
	struct claim claim = {.peer = *s->peer};
	if (s->auth_user && s->auth_method == method) /* holds until another is named */
		claim.login = xstrdup(s->auth_user);
	if (read_claim(&claim, c->args) < 0)
		session_error(s, "501 5.5.4 expected XCLIENT attribute=xtext");
	else if (!s->ops->client_is(s, &claim.peer))
		session_end(s, "max-per-address", LIMITS_TOO_MANY);
	else
		believe(s, &claim);
	free(claim.helo);
	free(claim.login);
}
