#include "http.h"
#include "token_assertion.h"
#include "token_request.h"
#include "wipe.h"

#define MIN_SECRET 6    /* a shorter one is in any text */
#define LIFETIME_S 3600 /* of the assertion; Google takes no longer one */

static void
add(struct buf *out, const char *name, struct str value)
{
	if (!value.p)
		return;
	buf_addf(out, "&%s=", name);
	http_escape(out, value, "");
}

static int
add_assertion(struct buf *out, const struct token_grant *g, int64_t now_s)
{
	struct buf assertion = {0};
	struct token_claims claims = {.issuer = g->issuer,
		.subject = g->subject,
		.audience = g->audience ? g->audience : g->endpoint,
		.scope = g->scope,
		.issued_s = now_s,
		.lifetime_s = LIFETIME_S};
	int rc = token_assertion_make(&assertion, &claims, g->private_key, g->key_id);
	if (rc == 0)
		add(out, "assertion", buf_str(&assertion));
	wipe_buf(&assertion);
	return rc;
}

/* The signature of the assertion, which stands last, is as good as a secret. */
bool
token_request_betrayed(const struct token_grant *g, const char *request, const char *text)
{
	const char *dot = g->kind == GRANT_JWT_BEARER ? strrchr(request, '.') : NULL;
	const char *const secrets[] = {
		g->client_secret, g->refresh_token, dot ? dot + 1 : NULL};
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		if (secrets[i] && strlen(secrets[i]) >= MIN_SECRET && strstr(text, secrets[i]))
			return true;
	return false;
}

/* An upper bound, so that the buffer does not move. */
static size_t
room(const struct token_grant *g)
{
	const char *const values[] = {g->client_id, g->client_secret, g->scope,
		g->refresh_token, g->issuer, g->subject, g->audience, g->endpoint, g->key_id};
	size_t n = 4096; /* names, and a signature */
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		n += values[i] ? 8 * strlen(values[i]) : 0;
	return n;
}

int
token_request_make(struct buf *out, const struct token_grant *g, int64_t now_s)
{
	static const char *const types[] = {
		[GRANT_CLIENT_CREDENTIALS] = "client_credentials",
		[GRANT_REFRESH_TOKEN] = "refresh_token",
		[GRANT_JWT_BEARER] = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
	};
	buf_reserve(out, room(g));
	buf_addf(out, "grant_type=%s", types[g->kind]);
	add(out, "client_id", str_of(g->client_id));
	add(out, "client_secret", str_of(g->client_secret));
	add(out, "refresh_token", str_of(g->refresh_token));
	if (g->kind == GRANT_JWT_BEARER)
		return add_assertion(out, g, now_s);
	add(out, "scope", str_of(g->scope));
	return 0;
}
