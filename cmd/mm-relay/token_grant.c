#include <netinet/in.h>
#include <stddef.h>

#include "cidr.h"
#include "mem.h"
#include "num.h"
#include "token_assertion.h"
#include "token_grant.h"
#include "wipe.h"

#define MAX_VALUE 16384 /* octets of a member */

/* All strings; first those that a secret has, with the kinds that they are for. */
static const struct field {
	const char *key;
	size_t at;
	unsigned kinds, needed; /* sets of bits 1 << kind */
} fields[] = {
#define CREDENTIALS (1u << GRANT_CLIENT_CREDENTIALS)
#define REFRESH (1u << GRANT_REFRESH_TOKEN)
#define JWT (1u << GRANT_JWT_BEARER)
#define ALL (CREDENTIALS | REFRESH | JWT)
	{"token-endpoint", offsetof(struct token_grant, endpoint), ALL, ALL},
	{"client-id", offsetof(struct token_grant, client_id), ALL, CREDENTIALS | REFRESH},
	{"client-secret", offsetof(struct token_grant, client_secret), ALL, CREDENTIALS},
	{"scope", offsetof(struct token_grant, scope), ALL, 0},
	{"refresh-token", offsetof(struct token_grant, refresh_token), REFRESH, REFRESH},
	{"issuer", offsetof(struct token_grant, issuer), JWT, JWT},
	{"subject", offsetof(struct token_grant, subject), JWT, 0},
	{"audience", offsetof(struct token_grant, audience), JWT, 0},
	{"private-key", offsetof(struct token_grant, private_key), JWT, JWT},
	{"private-key-id", offsetof(struct token_grant, key_id), JWT, 0},
	{NULL, offsetof(struct token_grant, file), 0, 0},
	{NULL, offsetof(struct token_grant, host), 0, 0},
};
#define N_FIELDS (sizeof(fields) / sizeof(*fields))

static const char *const kind_names[] = {
	[GRANT_CLIENT_CREDENTIALS] = "client credentials",
	[GRANT_REFRESH_TOKEN] = "a refresh token",
	[GRANT_JWT_BEARER] = "a private key",
};

static char **
value(struct token_grant *g, const struct field *f)
{
	return (char **)((char *)g + f->at);
}

static const char *
get(const struct token_grant *g, const struct field *f)
{
	return *(char *const *)((const char *)g + f->at);
}

bool
token_grant_meant(const json_t *secret)
{
	for (const struct field *f = fields; f->key; f++)
		if (json_object_get(secret, f->key))
			return true;
	return false;
}

/* key NULL: what is said is about the whole. */
static void
problem(struct problems *ps, const struct json_doc *doc, const char *key, const char *text)
{
	struct json_at at = {.key = key};
	json_problem(ps, doc, key ? &at : NULL, false, PROBLEM_ERROR, "%s", text);
}

/* Control characters are for the lines of a PEM file only. */
static bool
fine(const struct field *f, struct str s)
{
	bool lines = f->at == offsetof(struct token_grant, private_key);
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && !lines) || s.p[i] == 0x7f)
			return false;
	return s.n > 0 && s.n <= MAX_VALUE;
}

/* HOST, HOST:PORT or [ADDRESS]:PORT; there must be no user in it. */
static int
parse_authority(struct token_grant *g, struct str s, int port)
{
	struct ip ip;
	bool brackets = s.n && s.p[0] == '[';
	const char *end = brackets ? memchr(s.p, ']', s.n) : memchr(s.p, ':', s.n);
	size_t n = end ? (size_t)(end - s.p) : s.n;
	struct str host = brackets && end ? str_n(s.p + 1, n - 1) : str_n(s.p, n);
	struct str rest = str_skip(s, brackets ? n + 1 : n);
	g->port = port;
	if (host.n == 0 || host.n > 253 || memchr(s.p, '@', s.n) ||
		(brackets && (!end || ip_parse(host, &ip) < 0)))
		return -1;
	if (rest.n && (rest.p[0] != ':' || num_int(str_skip(rest, 1), 1, 65535, &g->port) < 0))
		return -1;
	g->host = str_dup(host);
	return 0;
}

static bool
is_loopback(const char *host)
{
	struct ip ip;
	if (ip_parse(str_of(host), &ip) < 0)
		return str_ieq(str_of(host), STR("localhost"));
	if (ip.family == AF_INET)
		return ip.octets[0] == 127;
	return memcmp(ip.octets, &in6addr_loopback, sizeof(in6addr_loopback)) == 0;
}

/* What secrets go to must be who it says; or nobody else can be in between. */
static const char *
parse_endpoint(struct token_grant *g)
{
	struct str rest = str_of(g->endpoint);
	bool tls = str_istarts(rest, STR("https://"));
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] <= ' ' || rest.p[i] > '~' || strchr("#\\\"<>", rest.p[i]))
			return "expected a URL, percent-encoded, without a fragment";
	if (!tls && !str_istarts(rest, STR("http://")))
		return "expected a URL, https://";
	rest = str_skip(rest, tls ? 8 : 7);
	size_t n = 0;
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	if (parse_authority(g, str_n(rest.p, n), tls ? 443 : 80) < 0)
		return "expected a URL with a host, and without a user";
	if (!tls && !is_loopback(g->host))
		return "expected https://; http:// only to localhost";
	return NULL;
}

static void
read_fields(struct token_grant *g, const struct json_doc *doc, struct problems *ps)
{
	for (const struct field *f = fields; f->key; f++) {
		struct str text = json_str(doc->root, f->key);
		if (!text.p)
			continue;
		if (!fine(f, text))
			problem(ps, doc, f->key,
				"expected 1 to 16384 octets without control characters");
		*value(g, f) = str_dup(text);
	}
}

static void
check_members(const struct token_grant *g, const struct json_doc *doc, struct problems *ps)
{
	unsigned kind = 1u << g->kind;
	struct buf text = {0};
	for (const struct field *f = fields; f->key; f++) {
		bool there = get(g, f) != NULL;
		buf_reset(&text);
		if (there && !(f->kinds & kind)) {
			buf_addf(&text, "of no use with %s", kind_names[g->kind]);
			problem(ps, doc, f->key, buf_cstr(&text));
		} else if (!there && f->needed & kind) {
			buf_addf(&text, "expected \"%s\" too, to get access tokens by %s",
				f->key, kind_names[g->kind]);
			problem(ps, doc, NULL, buf_cstr(&text));
		}
	}
	buf_release(&text);
	if (json_object_get(doc->root, "access-token"))
		problem(ps, doc, "access-token",
			"of no use beside what gets access tokens from a token endpoint");
}

int
token_grant_read(struct token_grant *g, const struct json_doc *doc, struct problems *ps)
{
	size_t before = ps->errors;
	*g = (struct token_grant){.file = xstrdup(doc->file)};
	read_fields(g, doc, ps);
	g->kind = g->refresh_token              ? GRANT_REFRESH_TOKEN
		  : g->private_key || g->issuer ? GRANT_JWT_BEARER
						: GRANT_CLIENT_CREDENTIALS;
	check_members(g, doc, ps);
	struct str user = json_str(doc->root, "username");
	if (g->kind == GRANT_JWT_BEARER && !g->subject && user.p)
		g->subject = str_dup(user);
	const char *wrong = g->endpoint ? parse_endpoint(g) : NULL;
	if (wrong)
		problem(ps, doc, "token-endpoint", wrong);
	if (g->private_key && !token_assertion_key_fine(g->private_key))
		problem(ps, doc, "private-key",
			"expected an RSA key of 2048 to 8192 bits as PEM, without a "
			"passphrase");
	if (ps->errors == before)
		return 0;
	token_grant_release(g);
	return -1;
}

bool
token_grant_equal(const struct token_grant *a, const struct token_grant *b)
{
	for (size_t i = 0; i < N_FIELDS; i++) {
		const char *x = get(a, &fields[i]), *y = get(b, &fields[i]);
		if ((x == NULL) != (y == NULL) || (x && strcmp(x, y) != 0))
			return false;
	}
	return a->kind == b->kind && a->port == b->port;
}

void
token_grant_copy(struct token_grant *to, const struct token_grant *from)
{
	*to = *from;
	for (size_t i = 0; i < N_FIELDS; i++)
		if (get(from, &fields[i]))
			*value(to, &fields[i]) = xstrdup(get(from, &fields[i]));
}

void
token_grant_release(struct token_grant *g)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		wipe_str(*value(g, &fields[i]));
	*g = (struct token_grant){0};
}
