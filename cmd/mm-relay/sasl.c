#include <openssl/crypto.h>

#include "base64.h"
#include "sasl.h"

static void
add_wiped(struct buf *out, struct buf *message)
{
	base64_encode(buf_str(message), out);
	if (message->p)
		OPENSSL_cleanse(message->p, message->cap);
	buf_release(message);
}

void
sasl_plain(struct buf *out, const char *user, const char *password)
{
	struct buf plain = {0};
	buf_reserve(&plain, strlen(user) + strlen(password) + 2);
	buf_addc(&plain, '\0');
	buf_addstr(&plain, user);
	buf_addc(&plain, '\0');
	buf_addstr(&plain, password);
	add_wiped(out, &plain);
}

void
sasl_name(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == ',')
			buf_addstr(out, "=2C");
		else if (*name == '=')
			buf_addstr(out, "=3D");
		else
			buf_addc(out, *name);
	}
}

void
sasl_oauthbearer(
	struct buf *out, const char *user, const char *token, const char *host, int port)
{
	struct buf message = {0};
	buf_reserve(&message, 3 * strlen(user) + strlen(host) + strlen(token) + 64);
	buf_addstr(&message, "n,a=");
	sasl_name(&message, user);
	buf_addstr(&message, ",\001host=");
	buf_addstr(&message, host);
	if (port) {
		buf_addstr(&message, "\001port=");
		buf_addnum(&message, port);
	}
	buf_addstr(&message, "\001auth=Bearer ");
	buf_addstr(&message, token);
	buf_addstr(&message, "\001\001");
	add_wiped(out, &message);
}

void
sasl_xoauth2(struct buf *out, const char *user, const char *token)
{
	struct buf message = {0};
	buf_reserve(&message, strlen(user) + strlen(token) + 32);
	buf_addstr(&message, "user=");
	buf_addstr(&message, user);
	buf_addstr(&message, "\001auth=Bearer ");
	buf_addstr(&message, token);
	buf_addstr(&message, "\001\001");
	add_wiped(out, &message);
}

bool
sasl_token_fine(struct str token)
{
	static const char others[] = "-._~+/=";
	for (size_t i = 0; i < token.n; i++) {
		char c = token.p[i], low = ascii_lower(c);
		if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') &&
			!(c != '\0' && strchr(others, c)))
			return false;
	}
	return token.n > 0 && token.n <= SASL_TOKEN_MAX;
}
